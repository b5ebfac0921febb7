import { type Cell, type Column, cellValue, type RichCell, type Table, type Tile } from "../block.js";
import { formatNumber } from "../format.js";
import { type Html, html, trusted } from "./html.js";

const ARROWS = { lower: "↓", higher: "↑", neither: "" } as const;
const ARROW_WORDS = { lower: "lower is better", higher: "higher is better", neither: "" } as const;

/** The first cell of a row is its heading. Rows after `fold` are hidden until the page's script or print shows them. */
export function tableHtml(id: string, title: string, table: Table, tile: (tile: Tile) => Html, fold?: number): Html {
  const numeric = table.columns.map((_, c) => columnClass(table.rows.map((row) => row[c] ?? null)));
  const bodyRow = (row: readonly Cell[]) =>
    html`<tr>${row.map((cell, c) =>
      c === 0
        ? html`<th scope="row"${numeric[c]}>${cellHtml(cell, table.columns[c] as Column, tile)}</th>`
        : html`<td${numeric[c]}>${cellHtml(cell, table.columns[c] as Column, tile)}</td>`,
    )}</tr>\n`;
  const shown = fold === undefined ? table.rows : table.rows.slice(0, fold);
  const folded = table.rows.slice(shown.length);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><table data-table="${id}">
<thead><tr>${table.columns.map((column, c) => (column.label === "" ? html`<td></td>` : html`<th scope="col"${numeric[c]}>${headHtml(column)}</th>`))}</tr></thead>
<tbody>${shown.map(bodyRow)}</tbody>
${folded.length > 0 ? html`<tbody class="folded">${folded.map(bodyRow)}</tbody>` : ""}</table></div>`;
}

function columnClass(cells: readonly Cell[]): Html {
  const pictures = cells.some((cell) => typeof cell === "object" && cell !== null && cell.tiles?.length === 1);
  if (pictures) return trusted(' class="picture-cell"');
  return trusted(cells.some((cell) => typeof cellValue(cell) === "number") ? ' class="number"' : "");
}

function headHtml(column: Column): Html {
  const better = column.better ?? "neither";
  const arrow =
    ARROWS[better] === ""
      ? ""
      : html` <span class="arrow" role="img" aria-label="${ARROW_WORDS[better]}">${ARROWS[better]}</span>`;
  return html`${column.label}${arrow}${column.unit ? html` <span class="unit">${column.unit}</span>` : ""}`;
}

function cellHtml(cell: Cell, column: Column, tile: (tile: Tile) => Html): Html {
  if (typeof cell !== "object" || cell === null) return html`${cellText(cell, column)}`;
  const text = cell.text ?? cellText(cell.value, column);
  return html`${cell.variant === undefined ? "" : trusted(`<span class="swatch v${cell.variant}"></span>`)}${
    cell.tiles ? html`<span class="tiles">${cell.tiles.map(tile)}</span>` : ""
  }${toned(text, cell)}${cell.note ? html`<small>${cell.note}</small>` : ""}`;
}

function toned(text: string, cell: RichCell): Html {
  return cell.tone === undefined ? html`${text}` : html`<span class="${cell.tone}">${text}</span>`;
}

/** How a value of a column is written, here and in Markdown. */
export function cellText(value: string | number | boolean | null, column: Column): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return formatNumber(value, column.format);
}

export function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64")}`;
}

/** A tile is a window onto the one copy of its sprite in the page: pictures without script, stored once. */
export function tileHtml(tile: Tile, size: { width: number; height: number; columns: number }, scale: number): Html {
  const x = (tile.index % size.columns) * size.width;
  const y = Math.floor(tile.index / size.columns) * size.height;
  return html`<svg class="tile" role="img" aria-label="${tile.alt}" width="${size.width * scale}" height="${size.height * scale}" viewBox="${x} ${y} ${size.width} ${size.height}"><use href="#sprite-${tile.sprite}"/></svg>`;
}
