import { decode, encode } from "fast-png";

/** Grey pictures of one size, values 0 … 255, row-major, one after the other. */
export interface GreyTiles {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly pixels: Uint8Array;
}

/** Lays tiles out row by row in one grey PNG. */
export function greySprite(tiles: GreyTiles, columns: number): Uint8Array {
  const sheet = layOut(tiles, columns, 1, (pixel, out, at) => {
    out[at] = pixel;
  });
  return encode({ width: sheet.width, height: sheet.height, data: sheet.data, channels: 1, depth: 8 });
}

/** The same in colour: each grey value through a palette of 256 `[r, g, b]`. */
export function coloredSprite(tiles: GreyTiles, columns: number, palette: Uint8Array): Uint8Array {
  const sheet = layOut(tiles, columns, 3, (pixel, out, at) => {
    out.set(palette.subarray(pixel * 3, pixel * 3 + 3), at);
  });
  return encode({ width: sheet.width, height: sheet.height, data: sheet.data, channels: 3, depth: 8 });
}

function layOut(
  tiles: GreyTiles,
  columns: number,
  channels: number,
  put: (pixel: number, out: Uint8Array, at: number) => void,
): { width: number; height: number; data: Uint8Array } {
  const { width, height, count, pixels } = tiles;
  const sheetWidth = columns * width;
  const sheetHeight = Math.max(1, Math.ceil(count / columns)) * height;
  const data = new Uint8Array(sheetWidth * sheetHeight * channels);
  for (let tile = 0; tile < count; tile++) {
    const left = (tile % columns) * width;
    const top = Math.floor(tile / columns) * height;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = pixels[(tile * height + y) * width + x] as number;
        put(pixel, data, ((top + y) * sheetWidth + left + x) * channels);
      }
    }
  }
  return { width: sheetWidth, height: sheetHeight, data };
}

/** Reads a grey sprite back into tiles: the inverse of `greySprite`. */
export function readGreySprite(png: Uint8Array, width: number, height: number, count: number): GreyTiles {
  const sheet = decode(png);
  const columns = Math.floor(sheet.width / width);
  const pixels = new Uint8Array(count * width * height);
  for (let tile = 0; tile < count; tile++) {
    const left = (tile % columns) * width;
    const top = Math.floor(tile / columns) * height;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        pixels[(tile * height + y) * width + x] = sheet.data[(top + y) * sheet.width + left + x] as number;
      }
    }
  }
  return { width, height, count, pixels };
}

/**
 * The picture shape of items: `[28, 28]` and `[28, 28, 1]` are pictures, and so is a flat item that was a picture before
 * (`before`), or whose length is a square. Null where there is nothing to look at.
 */
export function pictureShape(
  shape: readonly number[],
  before: readonly (readonly number[])[] = [],
): { readonly width: number; readonly height: number } | null {
  for (const candidate of [shape, ...before]) {
    const [height, width, channels = 1] = candidate;
    if (candidate.length < 2 || candidate.length > 3 || channels !== 1) continue;
    if (height !== undefined && width !== undefined && height * width === product(shape)) return { width, height };
  }
  const side = Math.sqrt(product(shape));
  return Number.isInteger(side) && side >= 4 ? { width: side, height: side } : null;
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Values in `[low, high]` as grey 0 … 255, clipped; with fewer `levels` a picture compresses better. */
export function toGrey(values: ArrayLike<number>, low: number, high: number, levels = 256): Uint8Array {
  const span = high > low ? high - low : 1;
  const step = 255 / (levels - 1);
  return Uint8Array.from({ length: values.length }, (_, i) => {
    const unit = Math.min(1, Math.max(0, ((values[i] as number) - low) / span));
    return Math.round(Math.round(unit * (levels - 1)) * step);
  });
}
