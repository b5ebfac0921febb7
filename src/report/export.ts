import type { ArtifactStore } from "../artifact/io.js";
import { csvField } from "../base/csv.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { ExportedFile } from "../base/exported.js";
import { ok, type Result } from "../base/result.js";
import type { Block, Section, Table } from "./block.js";
import { cellValue } from "./block.js";
import { exactNumber } from "./format.js";
import { lightColors } from "./html/style.js";
import { cellText } from "./html/table.js";
import { machineReadable, tablesOf, withNotes } from "./machine-readable.js";
import { drawParts, type ReportParts } from "./parts.js";
import { missingLetters, rasterizer } from "./raster.js";
import type { ReportInput } from "./types.js";

export type ExportFormat = "csv" | "json" | "svg" | "png" | "md";

/**
 * Every table and chart of a report as files.
 * - `csv`: a file for each table, and for each dataset behind a chart;
 * - `json`: `report.json`, the same object as in the page;
 * - `svg`: a file for each chart and drawing;
 * - `png`: the same, twice as large, and a file for each picture and sheet of pictures, in their own resolution;
 * - `md`: `report.md`, all words and tables.
 * Errors: `png` where there is no renderer.
 * @param warn receives a warning about letters that a PNG cannot show.
 */
export async function exportReport(
  input: ReportInput,
  store: ArtifactStore,
  format: ExportFormat,
  warn: (warning: Diagnostic) => void = () => {},
): Promise<Result<readonly ExportedFile[], readonly Diagnostic[]>> {
  const parts = await drawParts(input, store);
  switch (format) {
    case "csv":
      return ok(csvFiles(parts));
    case "json":
      return ok([file("report.json", `${JSON.stringify(machineReadable(input, parts), null, 1)}\n`)]);
    case "svg":
      return ok(svgFiles(parts));
    case "png":
      return pngFiles(parts, warn);
    case "md":
      return ok([file("report.md", markdown(input, parts.sections))]);
  }
}

function file(name: string, content: string | Uint8Array): ExportedFile {
  return { name, content: typeof content === "string" ? new TextEncoder().encode(content) : content };
}

function csvFiles({ sections, page }: ReportParts): ExportedFile[] {
  const tables = sections.flatMap(({ blocks }) => tablesOf(blocks));
  const datasets = Object.entries(page.datasets).map(([name, columns]) => {
    const names = Object.keys(columns);
    const length = columns[names[0] as string]?.length ?? 0;
    const rows = Array.from({ length }, (_, i) => names.map((column) => columns[column]?.[i] ?? null));
    return file(`${name}.csv`, csv([names, ...rows]));
  });
  return [
    ...tables.map(([id, table]) => file(`${id}.csv`, csv([table.columns.map(heading), ...table.rows]))),
    ...datasets,
  ];
}

/** RFC 4180, with line feeds. */
function csv(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const field = (value: string | number | boolean | null) => {
    if (value === null) return "";
    return csvField(typeof value === "number" ? exactNumber(value) : String(value));
  };
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

function svgFiles(parts: ReportParts): ExportedFile[] {
  return drawings(parts).map(({ name, svg }) => file(`${name}.svg`, svg));
}

interface Drawing {
  readonly name: string;
  readonly svg: string;
}

/** Every chart, and every drawing of the report's own, complete in itself. */
function drawings({ sections, charts }: ReportParts): Drawing[] {
  const drawn = sections
    .flatMap(({ blocks }) => flat(blocks))
    .flatMap((block) => (block.type === "svg" ? [{ name: block.id, svg: standalone(block.svg) }] : []));
  return [...[...charts].map(([name, chart]) => ({ name, svg: standalone(chart.svg) })), ...drawn];
}

/** Outside of the page its colours have no values: the light ones are written in. */
function standalone(svg: string): string {
  return svg
    .replace(/var\((--\w+)\)/g, (_, name: string) => lightColors[name] ?? "#000000")
    .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
}

async function pngFiles(
  parts: ReportParts,
  warn: (warning: Diagnostic) => void,
): Promise<Result<readonly ExportedFile[], readonly Diagnostic[]>> {
  const { sections, page } = parts;
  const rasterize = await rasterizer();
  if (!rasterize.ok) return rasterize;
  const missing = new Set<string>();
  let incomplete = 0;
  const drawn = drawings(parts).map(({ name, svg }) => {
    const lacking = rasterize.value.lacking(svg);
    for (const letter of lacking) missing.add(letter);
    if (lacking.length > 0) incomplete++;
    return file(`${name}.png`, rasterize.value.draw(svg));
  });
  const warning = missingLetters(missing, incomplete);
  if (warning) warn(warning);
  const pictures = sections
    .flatMap(({ blocks }) => flat(blocks))
    .flatMap((block) => (block.type === "image" ? [file(`${block.id}.png`, block.png)] : []));
  const sprites = Object.entries(page.sprites).map(([name, sprite]) => file(`${name}.png`, sprite.png));
  return ok([...drawn, ...pictures, ...sprites]);
}

function flat(blocks: readonly Block[]): Block[] {
  return blocks.flatMap((block) => (block.type === "group" ? flat(block.blocks) : [block]));
}

function markdown({ experiment }: ReportInput, sections: readonly Section[]): string {
  const lines = [`# ${experiment.question || experiment.name}`, ""];
  for (const section of sections) {
    lines.push(`## ${section.title}`, "");
    for (const block of flat(section.blocks)) lines.push(...blockMarkdown(block));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function blockMarkdown(block: Block): string[] {
  switch (block.type) {
    case "text":
      return [block.text, ""];
    case "list":
      return [...block.items.map((item) => `- ${item}`), ""];
    case "notice":
      return [`> ${block.title ? `**${block.title}** ` : ""}${block.text}`, ""];
    case "table":
      return [`**${block.title}**`, "", ...tableMarkdown(block.table), ""];
    case "chart":
    case "svg":
      return block.table ? [`**${block.title}**`, "", ...tableMarkdown(block.table), ""] : [];
    case "code":
      return [`**${block.title}**`, "", "```yaml", block.text.trimEnd(), "```", ""];
    default:
      return [];
  }
}

function heading({ label, unit }: { readonly label: string; readonly unit?: string }): string {
  return unit ? `${label} (${unit})` : label;
}

function tableMarkdown(table: Table): string[] {
  const { columns, rows } = withNotes(table);
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(columns.map(heading)),
    line(columns.map(() => "---")),
    ...rows.map((row) =>
      line(
        row.map((cell, c) => {
          const text = typeof cell === "object" && cell !== null ? cell.text : undefined;
          return text ?? cellText(cellValue(cell), columns[c] ?? { label: "" });
        }),
      ),
    ),
  ];
}
