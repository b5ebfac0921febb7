import { greySprite } from "../image.js";

/** Decoded items as one sheet of grey pictures. */
export function decodedSheet(
  values: Float32Array,
  format: { width: number; height: number; low: number; high: number },
  columns: number,
): { png: Uint8Array; count: number } {
  const size = format.width * format.height;
  const count = values.length / size;
  const span = format.high - format.low || 1;
  // 32 levels: a third of the bytes of 256, and no eye tells them apart at this size.
  const pixels = Uint8Array.from(values, (value) => {
    const unit = Math.min(1, Math.max(0, (value - format.low) / span));
    return Math.round((Math.round(unit * 31) / 31) * 255);
  });
  return { png: greySprite({ width: format.width, height: format.height, count, pixels }, columns), count };
}
