import type { Json } from "../base/json.js";
import { type Block, type Cell, cellValue, type HoverImages, type Table, type VegaLiteSpec } from "./block.js";
import type { Columns } from "./chart.js";
import type { ReportParts } from "./parts.js";
import type { ReportInput } from "./types.js";
import type { VegaSpec } from "./vega.js";

/** The data block of the page: what its script works on, and the report for programs. Documented in docs/report.md. */
export interface MachineReadable {
  readonly format: 1;
  readonly experiment: ReportInput["experiment"];
  readonly variants: readonly Json[];
  readonly provenance: ReportInput["provenance"];
  readonly sections: readonly { readonly id: string; readonly title: string; readonly text: readonly string[] }[];
  readonly tables: Readonly<Record<string, PlainTable>>;
  readonly datasets: Readonly<Record<string, Columns>>;
  readonly charts: Readonly<Record<string, PlainChart>>;
  readonly sprites: Readonly<Record<string, { tileWidth: number; tileHeight: number; columns: number; count: number }>>;
  readonly decoders: Readonly<Record<string, Json>>;
}

export interface PlainTable {
  readonly title: string;
  readonly columns: readonly { readonly label: string; readonly unit?: string }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

interface PlainChart {
  readonly title: string;
  readonly spec: VegaLiteSpec;
  readonly vega: VegaSpec;
  readonly toggle?: { readonly label: string; readonly spec: VegaLiteSpec; readonly vega: VegaSpec };
  readonly renderer: "svg" | "canvas";
  readonly fixed: boolean;
  readonly link?: string;
  readonly hover?: HoverImages;
}

export function machineReadable(input: ReportInput, { sections, page, charts }: ReportParts): MachineReadable {
  return {
    format: 1,
    experiment: input.experiment,
    variants: input.variants.map(({ name, description, status, seed, params, resolvedYaml, stages }) => ({
      name,
      description,
      status,
      seed,
      params,
      resolvedYaml,
      // Settings stand in the YAML.
      stages: stages.map(({ settings: _, ...stage }) => stage) as unknown as Json,
      // The last of each kind; every one is beside the stage that made it.
      artifacts: Object.fromEntries(stages.flatMap(({ outputs }) => outputs.map(({ kind, digest }) => [kind, digest]))),
    })),
    provenance: input.provenance,
    sections: sections.map(({ id, title, blocks }) => ({ id, title, text: blocks.flatMap(blockText) })),
    tables: Object.fromEntries(sections.flatMap(({ blocks }) => tablesOf(blocks))),
    datasets: page.datasets,
    charts: Object.fromEntries(
      [...charts].map(([id, { block, vega, other }]) => [
        id,
        {
          title: block.title,
          spec: block.spec,
          vega,
          ...(block.toggle && other && { toggle: { ...block.toggle, vega: other } }),
          renderer: block.renderer ?? "svg",
          fixed: block.fixed ?? false,
          ...(block.link !== undefined && { link: block.link }),
          ...(block.hover !== undefined && { hover: block.hover }),
        },
      ]),
    ),
    sprites: Object.fromEntries(Object.entries(page.sprites).map(([name, { png: _, ...size }]) => [name, size])),
    decoders: page.decoders,
  };
}

function blockText(block: Block): string[] {
  switch (block.type) {
    case "text":
      return [block.text];
    case "list":
      return [...block.items];
    case "notice":
      return [`${block.title ? `${block.title} ` : ""}${block.text}`];
    case "group":
      return block.blocks.flatMap(blockText);
    default:
      return [];
  }
}

/** Id → table, for every table and for the data of every chart. */
export function tablesOf(blocks: readonly Block[]): [string, PlainTable][] {
  return blocks.flatMap((block): [string, PlainTable][] => {
    if (block.type === "group") return tablesOf(block.blocks);
    if (block.type === "table") return [[block.id, plain(block.title, block.table)]];
    if ((block.type === "chart" || block.type === "svg") && block.table) {
      return [[`${block.id}-data`, plain(block.title, block.table)]];
    }
    return [];
  });
}

/**
 * Small lines under a value as columns of their own, after all others: a reader of the table elsewhere needs the epochs
 * and intervals too.
 */
export function withNotes(table: Table): Table {
  const noteOf = (cell: Cell | undefined) =>
    typeof cell === "object" && cell !== null && !cell.tiles ? cell.note : undefined;
  const noted = table.columns.flatMap(({ label }, c) =>
    table.rows.some((row) => noteOf(row[c]) !== undefined) ? [{ label, c }] : [],
  );
  return {
    columns: [...table.columns, ...noted.map(({ label }) => ({ label: `${label}: note` }))],
    rows: table.rows.map((row) => [...row, ...noted.map(({ c }) => noteOf(row[c]) ?? null)]),
  };
}

function plain(title: string, table: Table): PlainTable {
  const { columns, rows } = withNotes(table);
  return {
    title,
    columns: columns.map(({ label, unit }) => ({ label, ...(unit && { unit }) })),
    rows: rows.map((row) =>
      row.map((cell) => {
        const value = cellValue(cell);
        // JSON has no NaN; its name is at least legible.
        return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
      }),
    ),
  };
}
