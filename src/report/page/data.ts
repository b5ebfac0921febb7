/*
 * The scripts of this folder share one scope: they are compiled each for itself and joined in the page, inside of a
 * function. They work on the data block of the page (see machine-readable.ts) and on the markup that html/ makes.
 */
interface PageData {
  readonly tables: Readonly<Record<string, PageTable>>;
  readonly datasets: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  readonly charts: Readonly<Record<string, PageChart>>;
  readonly sprites: Readonly<Record<string, { tileWidth: number; tileHeight: number; columns: number; count: number }>>;
  readonly decoders: Readonly<Record<string, PackedDecoder>>;
}

/** html/scripts.ts puts these in front: the colours of light paper, and the names that Vega may not see (vega-names.ts). */
declare const LIGHT: Readonly<Record<string, string>>;
declare const VEIL: string;
declare const VEILED_NAMES: readonly string[];

interface PageTable {
  readonly title: string;
  readonly columns: readonly { readonly label: string; readonly unit?: string }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

interface PageChart {
  readonly title: string;
  readonly spec: unknown;
  readonly vega: VegaSpec;
  readonly toggle?: { readonly label: string; readonly spec: unknown; readonly vega: VegaSpec };
  readonly renderer: "svg" | "canvas";
  readonly fixed: boolean;
  readonly link?: string;
  readonly hover?: ChartHover;
}

interface ChartHover {
  readonly field: string;
  readonly images: readonly { readonly label: string; readonly sprite: string }[];
  readonly decode?: { readonly decoder: string; readonly x: string; readonly y: string; readonly label: string };
}

interface VegaSpec {
  width?: number;
  height?: number;
  data?: { name: string; values?: unknown; source?: unknown }[];
}

function pageData(): PageData {
  parsedData ??= JSON.parse((document.getElementById("report-data") as HTMLElement).textContent ?? "{}") as PageData;
  return parsedData;
}
let parsedData: PageData | undefined;

/** New objects at every call: Vega writes into the rows that it is given. */
function datasetRows(name: string): Record<string, unknown>[] {
  const columns = Object.entries(pageData().datasets[name] ?? {});
  const length = columns[0]?.[1].length ?? 0;
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(columns.map(([column, values]) => [veiled(column), veiled(values[i])])),
  );
}

function veiled<T>(value: T): T {
  if (typeof value !== "string") return value;
  const text = value.replace(/[\u2028\u2029]/g, " ");
  return (VEILED_NAMES.includes(text) ? text + VEIL : text) as T;
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function button(text: string, onClick: () => void, label = ""): HTMLButtonElement {
  const made = element("button", "", text);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", onClick);
  return made;
}

/** The picture of a sprite, loaded once. */
function spriteImage(name: string): HTMLImageElement {
  let image = spriteImages.get(name);
  if (image === undefined) {
    image = new Image();
    image.src = document.getElementById(`sprite-${name}`)?.getAttribute("href") ?? "";
    spriteImages.set(name, image);
  }
  return image;
}
const spriteImages = new Map<string, HTMLImageElement>();

/** A canvas that shows one tile of a sprite, scaled up. */
function tileCanvas(name: string, index: number, scale: number): HTMLCanvasElement {
  const canvas = element("canvas", "pixels");
  const sprite = pageData().sprites[name];
  if (sprite === undefined) return canvas;
  canvas.width = sprite.tileWidth;
  canvas.height = sprite.tileHeight;
  canvas.style.width = `${sprite.tileWidth * scale}px`;
  canvas.style.height = `${sprite.tileHeight * scale}px`;
  const image = spriteImage(name);
  const x = (index % sprite.columns) * sprite.tileWidth;
  const y = Math.floor(index / sprite.columns) * sprite.tileHeight;
  const draw = () => {
    canvas
      .getContext("2d")
      ?.drawImage(image, x, y, sprite.tileWidth, sprite.tileHeight, 0, 0, sprite.tileWidth, sprite.tileHeight);
  };
  if (image.complete) draw();
  else image.addEventListener("load", draw, { once: true });
  return canvas;
}
