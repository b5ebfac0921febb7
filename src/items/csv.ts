import { sizeOf } from "../artifact/tensor.js";
import { csvField } from "../base/csv.js";
import { writeBytes } from "./file.js";
import type { ItemColumn, ItemTable } from "./types.js";

/** Characters at a time: few writes, and little memory for wide tables. */
const CHUNK = 1 << 20;

/**
 * RFC 4180 with line feeds, UTF-8. A column of several numbers an item becomes one a number: `latent_0`, `latent_1`, …,
 * row-major.
 */
export function writeCsv(path: string, { items, columns }: ItemTable): void {
  writeBytes(path, chunks(items, columns));
}

function* chunks(items: number, columns: readonly ItemColumn[]): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  let text = `${columns.flatMap(headings).join(",")}\n`;
  for (let item = 0; item < items; item++) {
    text += `${columns.map((column) => fields(column, item)).join(",")}\n`;
    if (text.length < CHUNK) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

function headings({ name, shape }: ItemColumn): readonly string[] {
  if (shape.length === 0) return [csvField(name)];
  return Array.from({ length: sizeOf(shape) }, (_, i) => csvField(`${name}_${i}`));
}

function fields(column: ItemColumn, item: number): string {
  if (column.dtype === "text") {
    const value = column.values[item] ?? null;
    return value === null ? "" : csvField(value);
  }
  const size = sizeOf(column.shape);
  if (size === 1) return csvNumber(column.values[item] as number);
  let text = "";
  for (let i = item * size; i < (item + 1) * size; i++) {
    text += `${text === "" ? "" : ","}${csvNumber(column.values[i] as number)}`;
  }
  return text;
}

/**
 * Every digit that is needed to read the same number again, as float32 or as float64. What is no number is written as pandas
 * and most others do.
 */
function csvNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
}
