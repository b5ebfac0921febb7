import { inputColumn } from "../../artifact/columns.js";
import type { Dataset } from "../../artifact/types.js";
import type { Block } from "../block.js";
import { formatShape } from "../format.js";
import { coloredSprite, spriteOf, type Tiles, toBytes } from "../image.js";
import { errorPalette } from "../looks.js";

/** How items are drawn. */
export type PictureFormat = {
  /** Of the drawing, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Absent in what early versions stored, which drew grey pictures only. */
  readonly channels?: 1 | 3;
  /** So many pixels of an item, along each side, are drawn as their mean. Absent: 1. */
  readonly shrink?: number;
  /** Of an item, where it is shrunk. */
  readonly full?: { readonly width: number; readonly height: number };
  /** The values that are drawn black and white. */
  readonly low: number;
  readonly high: number;
};

/** Pixels along the longer side of a drawing: of larger items the page would grow heavy. */
const MOST = 64;
/** Levels of a channel: a third of the bytes of 256, and no eye distinguishes them at this size. */
const LEVELS = 32;

/**
 * How the items of a dataset are drawn, or null where they are no pictures. The data says that they are by its shape, now or
 * before it was flattened: `[height, width]` is a grey picture, and so is `[height, width, 1]`; `[height, width, 3]` is one
 * in colour. A row of numbers is none, whatever its length.
 * @param most pixels along the longer side of a drawing.
 */
export function pictureFormat(dataset: Dataset | undefined, most = MOST): PictureFormat | null {
  if (!dataset) return null;
  const now = inputColumn(dataset).shape as readonly number[];
  const shape = itemShapes(dataset).find((each) => isPicture(each) && product(each) === product(now));
  if (shape === undefined) return null;
  const [height, width, channels = 1] = shape as [number, number, (1 | 3)?];
  const [low, high] = dataset.steps.at(-1)?.range ?? [0, 1];
  const shrink = Math.ceil(Math.max(width, height) / most);
  if (shrink === 1) return { width, height, channels, low, high };
  const [w, h] = [Math.ceil(width / shrink), Math.ceil(height / shrink)];
  return { width: w, height: h, channels, shrink, full: { width, height }, low, high };
}

/** Why the items are drawn nowhere. */
export function noPicture(dataset: Dataset | undefined): string {
  const shape = dataset && itemShapes(dataset).at(-1);
  if (shape === undefined) return "no data was loaded";
  const what = shape.length === 1 ? `${shape[0]} values in a row` : formatShape(shape);
  return `items of ${what} are no pictures: those are height × width, with 1 channel or with 3`;
}

/** Of the present, and of every step before, the latest first. */
function itemShapes(dataset: Dataset): readonly (readonly number[])[] {
  const before = dataset.steps.toReversed().flatMap((step) => Object.values(step.shapes));
  return [inputColumn(dataset).shape as readonly number[], ...before.map((shape) => shape.slice(1))];
}

function isPicture([height = 0, width = 0, channels = 1, ...more]: readonly number[]): boolean {
  return more.length === 0 && Math.min(height, width) >= 2 && (channels === 1 || channels === 3);
}

/** Numbers in an item. */
function pictureSize(format: PictureFormat): number {
  const { width, height } = format.full ?? format;
  return width * height * (format.channels ?? 1);
}

/** Bytes of a drawing, before it is compressed. */
export function drawnSize({ width, height, channels = 1 }: PictureFormat): number {
  return width * height * channels;
}

/** Items, one after the other, as tiles. */
function tilesOf(values: Float32Array, format: PictureFormat, levels = LEVELS): Tiles {
  const { width, height, channels = 1, low, high } = format;
  const pixels = toBytes(shrunk(values, format), low, high, levels);
  return { width, height, channels, count: values.length / pictureSize(format), pixels };
}

export function sheetOf(values: Float32Array, format: PictureFormat, columns: number, levels = LEVELS): Uint8Array {
  return spriteOf(tilesOf(values, format, levels), columns);
}

/** Absolute errors of pixels, the mean of a pixel's channels: black for none, pale for all of the range. */
export function errorSheet(a: Float32Array, b: Float32Array, format: PictureFormat, columns: number): Uint8Array {
  const channels = format.channels ?? 1;
  const errors = new Float32Array(a.length / channels);
  for (let k = 0; k < a.length; k++) {
    errors[Math.floor(k / channels)]! += Math.abs((a[k] as number) - (b[k] as number)) / channels;
  }
  const grey = { ...format, channels: 1 as const, low: 0, high: format.high - format.low };
  return coloredSprite(tilesOf(errors, grey), columns, errorPalette);
}

/** Means of squares of pixels; what is left at the right and lower edge is a mean of fewer. */
function shrunk(values: Float32Array, format: PictureFormat): Float32Array {
  const { width, height, channels = 1, shrink = 1, full } = format;
  if (shrink === 1 || full === undefined) return values;
  const count = values.length / pictureSize(format);
  const out = new Float32Array(count * width * height * channels);
  for (let row = 0; row < count * full.height; row++) {
    const [item, y] = [Math.floor(row / full.height), row % full.height];
    const top = Math.floor(y / shrink);
    const high = Math.min(shrink, full.height - top * shrink);
    for (let x = 0; x < full.width; x++) {
      const left = Math.floor(x / shrink);
      const share = 1 / (high * Math.min(shrink, full.width - left * shrink));
      const [to, from] = [((item * height + top) * width + left) * channels, (row * full.width + x) * channels];
      for (let c = 0; c < channels; c++) out[to + c]! += share * (values[from + c] as number);
    }
  }
  return out;
}

/** A note on pictures that are not drawn pixel by pixel. */
export function shrinkNote({ shrink = 1, full }: PictureFormat): Block[] {
  if (shrink === 1 || full === undefined) return [];
  const text = `Items of ${full.width} × ${full.height} pixels are drawn at 1/${shrink} of their width and height.`;
  return [{ type: "text", tone: "note", text }];
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
