import type {
  Block,
  ChartBlock,
  ExplorerBlock,
  GroupBlock,
  ImageBlock,
  Section,
  SvgBlock,
  TableBlock,
  Tile,
} from "../block.js";
import { type Html, type HtmlPart, html, jsonForPage, trusted } from "./html.js";
import { dataUri, tableHtml } from "./table.js";

/** What blocks need of the page around them. */
export interface Surroundings {
  /** The static picture of a chart, made before. */
  readonly pictures: ReadonlyMap<string, string>;
  tile(tile: Tile): Html;
}

export function sectionHtml(section: Section, around: Surroundings): Html {
  return html`<section id="${section.id}" aria-labelledby="${section.id}-title">
<h2 id="${section.id}-title">${section.title}</h2>
${section.blocks.map((block) => blockHtml(block, around))}
</section>
`;
}

function blockHtml(block: Block, around: Surroundings): Html {
  switch (block.type) {
    case "text":
      return html`<p class="${block.tone ?? "text"}">${block.text}</p>\n`;
    case "list":
      return html`<ul class="points">${block.items.map((item) => html`<li>${withCode(item)}</li>`)}</ul>\n`;
    case "notice":
      return html`<div class="notice ${block.level}"${block.level === "info" ? "" : trusted(' role="note"')}>${block.title ? html`<strong>${block.title}</strong> ` : ""}${withCode(block.text)}</div>\n`;
    case "chart":
      return chartHtml(block, around);
    case "table":
      return tableBlockHtml(block, around);
    case "svg":
      return drawingHtml(block, around);
    case "image":
      return imageHtml(block);
    case "code":
      return html`<details class="fold"><summary>${block.title}</summary><pre tabindex="0"><code>${block.text}</code></pre></details>\n`;
    case "explorer":
      return explorerHtml(block);
    case "group":
      return block.layout === "grid"
        ? html`<div class="grid">${block.blocks.map((inner) => blockHtml(inner, around))}</div>\n`
        : html`<details class="fold${saysTwice(block) ? " said" : ""}"><summary>${block.title ?? "More"}</summary>${block.blocks.map((inner) => blockHtml(inner, around))}</details>\n`;
  }
}

/** A fold around one block of the same title: what opens need not repeat it to the eye. */
function saysTwice({ title, blocks }: GroupBlock): boolean {
  const [only] = blocks;
  return blocks.length === 1 && only !== undefined && "title" in only && only.title === title;
}

/** Words between backticks are code, as in Markdown. */
function withCode(text: string): readonly HtmlPart[] {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
}

function chartHtml(block: ChartBlock, around: Surroundings): Html {
  return html`<figure class="chart${block.fixed ? " fixed" : ""}" id="${block.id}" data-chart>
${caption(block.title)}
<div class="picture" tabindex="0" role="group" aria-label="${block.title}"><div class="static">${trusted(around.pictures.get(block.id) ?? "")}</div></div>
${block.table ? dataTable(block, block.table, around) : ""}
</figure>
`;
}

function drawingHtml(block: SvgBlock, around: Surroundings): Html {
  return html`<figure class="chart" id="${block.id}" data-drawing>
${caption(block.title)}
<div class="picture scroll" tabindex="0" role="group" aria-label="${block.title}">${trusted(block.svg)}</div>
${block.table ? dataTable(block, block.table, around) : ""}
</figure>
`;
}

/** The menu is filled by the page's script: without it there is nothing that a menu could do. */
function caption(title: string): Html {
  return html`<figcaption><span>${title}</span><span class="menu-place"></span></figcaption>`;
}

function dataTable({ id, title }: ChartBlock | SvgBlock, table: TableBlock["table"], around: Surroundings): Html {
  return html`<details class="data"><summary>Data</summary>${tableHtml(`${id}-data`, `Data of ${title}`, table, around.tile)}</details>`;
}

function tableBlockHtml(block: TableBlock, around: Surroundings): Html {
  return html`<figure class="table" id="${block.id}"${block.tools === false ? "" : trusted(" data-tools")}>
${caption(block.title)}
${tableHtml(block.id, block.title, block.table, around.tile, block.fold)}
${block.note ? html`<p class="note">${block.note}</p>` : ""}
</figure>
`;
}

function imageHtml(block: ImageBlock): Html {
  return html`<figure class="image" id="${block.id}">
${caption(block.title)}
<img src="${dataUri(block.png)}" width="${block.width}" height="${block.height}" alt="${block.alt}">
</figure>
`;
}

function explorerHtml(block: ExplorerBlock): Html {
  return html`<figure class="explorer" id="${block.id}" data-explorer>
${caption(block.title)}
<p class="note noscript">${block.fallback}</p>
<script type="application/json">${jsonForPage(block.config)}</script>
</figure>
`;
}
