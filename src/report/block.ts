import type { Json } from "../base/json.js";

/**
 * What a report is made of, as data: charts say what there is to show, and only `html/` knows how a page looks.
 * Export to files reads the same blocks.
 */
export type Block =
  | TextBlock
  | ListBlock
  | NoticeBlock
  | ChartBlock
  | TableBlock
  | SvgBlock
  | ImageBlock
  | CodeBlock
  | ExplorerBlock
  | GroupBlock;

export interface Section {
  /** Unique in the page, safe in a URL fragment. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface TextBlock {
  readonly type: "text";
  readonly text: string;
  /** `lead` for the sentence that a section is about, `note` for the small print. */
  readonly tone?: "lead" | "note";
}

export interface ListBlock {
  readonly type: "list";
  readonly items: readonly string[];
}

export interface NoticeBlock {
  readonly type: "notice";
  readonly level: "info" | "warning" | "error";
  readonly title?: string;
  readonly text: string;
}

/** A Vega-Lite chart. Data come from datasets of the page, by name. */
export interface ChartBlock {
  readonly type: "chart";
  readonly id: string;
  readonly title: string;
  /** What a person who cannot see it should know: what is drawn, and what it shows. */
  readonly alt: string;
  readonly spec: VegaLiteSpec;
  /** Another way to look at the same data, behind a switch: `{ label: "Log scale", … }`. */
  readonly toggle?: { readonly label: string; readonly spec: VegaLiteSpec };
  /** Its numbers, readable without sight or script. */
  readonly table: Table | null;
  /** Thousands of marks are faster on a canvas. Default: svg. */
  readonly renderer?: "svg" | "canvas";
  /** The chart keeps this width instead of filling its column; where the aspect ratio means something. */
  readonly fixed?: boolean;
  /** Charts of one group share the brush called `brush`. */
  readonly link?: string;
  /** Pictures to show for the mark under the pointer, found by a field of its row. */
  readonly hover?: HoverImages;
}

export interface HoverImages {
  /** Field that holds the tile's number. */
  readonly field: string;
  readonly images: readonly { readonly label: string; readonly sprite: string }[];
  /** Draws the decoder's answer at the point instead of a stored picture. */
  readonly decode?: { readonly decoder: string; readonly x: string; readonly y: string; readonly label: string };
}

/** A subset of Vega-Lite's top-level specification that is checked against the whole schema in the tests. */
export interface VegaLiteSpec {
  readonly [key: string]: unknown;
}

export interface TableBlock {
  readonly type: "table";
  readonly id: string;
  readonly title: string;
  readonly table: Table;
  /** Headings sort, and the table can be copied as CSV, Markdown and LaTeX. Default: true. */
  readonly tools?: boolean;
  readonly note?: string;
  /** Rows after this many are folded away. */
  readonly fold?: number;
}

/** A drawing made by the report itself. */
export interface SvgBlock {
  readonly type: "svg";
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  /** A complete, escaped `<svg>` element. */
  readonly svg: string;
  readonly table: Table | null;
}

/** One picture, made for this place only. */
export interface ImageBlock {
  readonly type: "image";
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  readonly png: Uint8Array;
  /** Size on the page in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export interface CodeBlock {
  readonly type: "code";
  readonly title: string;
  readonly text: string;
}

/** The latent plane with a live decoder; see `page/explorer.ts` for what the page does with it. */
export interface ExplorerBlock {
  readonly type: "explorer";
  readonly id: string;
  readonly title: string;
  readonly config: Json;
  /** Shown where scripts do not run. */
  readonly fallback: string;
}

export interface GroupBlock {
  readonly type: "group";
  /** `grid` puts blocks side by side where there is room; `fold` hides them behind a heading. */
  readonly layout: "grid" | "fold";
  readonly title?: string;
  readonly blocks: readonly Block[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly label: string;
  readonly unit?: string;
  /** An arrow in the heading: which way is better. */
  readonly better?: "lower" | "higher" | "neither";
  /** How numbers are written. Default: `plain`. */
  readonly format?: NumberFormat;
}

export type NumberFormat = "plain" | "integer" | "percent" | "signed" | "fixed" | "compact";

export type Cell = string | number | boolean | null | RichCell;

export interface RichCell {
  /** For sorting and export. */
  readonly value: string | number | null;
  /** Shown instead of the formatted value. */
  readonly text?: string;
  readonly tone?: "good" | "bad" | "best";
  /** A small line under the value. */
  readonly note?: string;
  /** Tiles to show above the value. */
  readonly tiles?: readonly Tile[];
  /** The variant (its place in the report) whose colour marks the cell. */
  readonly variant?: number;
}

/** One picture of a sprite. */
export interface Tile {
  readonly sprite: string;
  readonly index: number;
  readonly alt: string;
}

/** The cell of a number that there is none of. @param why words that go on after "because". */
export function notMeasurable(why: string): RichCell {
  return { value: null, text: "not measurable", note: `because ${why}` };
}

export function cellValue(cell: Cell): string | number | boolean | null {
  return typeof cell === "object" && cell !== null ? cell.value : cell;
}
