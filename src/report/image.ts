import { decode, encode } from "fast-png";

/** Pictures of one size, values 0 … 255, row-major, one after the other, the channels of a pixel beside each other. */
export interface Tiles {
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  readonly count: number;
  readonly pixels: Uint8Array;
}

/** Lays tiles out row by row in one PNG. */
export function spriteOf(tiles: Tiles, columns: number): Uint8Array {
  const { width, height, channels, count, pixels } = tiles;
  const sheet = { width: columns * width, height: Math.max(1, Math.ceil(count / columns)) * height };
  const data = new Uint8Array(sheet.width * sheet.height * channels);
  eachRow(tiles, columns, (from, to, length) => data.set(pixels.subarray(from, from + length), to));
  return encode({ ...sheet, data, channels, depth: 8 });
}

/** Grey tiles in colour: each value through a palette of 256 `[r, g, b]`. */
export function coloredSprite(tiles: Tiles, columns: number, palette: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(tiles.pixels.length * 3);
  tiles.pixels.forEach((value, i) => {
    pixels.set(palette.subarray(value * 3, value * 3 + 3), i * 3);
  });
  return spriteOf({ ...tiles, channels: 3, pixels }, columns);
}

/** Reads a sprite back into tiles: the inverse of `spriteOf`. */
export function readSprite(png: Uint8Array, tile: Omit<Tiles, "pixels">): Tiles {
  const sheet = decode(png);
  const pixels = new Uint8Array(tile.count * tile.width * tile.height * tile.channels);
  eachRow(tile, Math.floor(sheet.width / tile.width), (to, from, length) => {
    pixels.set((sheet.data as Uint8Array).subarray(from, from + length), to);
  });
  return { ...tile, pixels };
}

/** Where each row of each tile stands among the tiles, and where in the sheet. */
function eachRow(
  { width, height, channels, count }: Omit<Tiles, "pixels">,
  columns: number,
  visit: (inTiles: number, inSheet: number, length: number) => void,
): void {
  const length = width * channels;
  for (let tile = 0; tile < count; tile++) {
    const left = tile % columns;
    const top = Math.floor(tile / columns) * height;
    for (let y = 0; y < height; y++) {
      visit((tile * height + y) * length, ((top + y) * columns + left) * length, length);
    }
  }
}

/** Values in `[low, high]` as 0 … 255, clipped; with fewer `levels` a picture compresses better. No number is 0. */
export function toBytes(values: ArrayLike<number>, low: number, high: number, levels = 256): Uint8Array {
  const span = high > low ? high - low : 1;
  const step = 255 / (levels - 1);
  return Uint8Array.from({ length: values.length }, (_, i) => {
    const unit = Math.min(1, Math.max(0, ((values[i] as number) - low) / span));
    return Math.round(Math.round(unit * (levels - 1)) * step);
  });
}
