import { inputMeaning } from "../base/channels.js";
import type { DType } from "../base/dtype.js";

/** What is known of a dataset before it is read. */
export interface DataFacts {
  /** Split → number of items. */
  readonly splits: Readonly<Record<string, number>>;
  /** Equal in every split. */
  readonly columns: readonly ColumnFacts[];
}

/** What is known of a column before it is read. */
export interface ColumnFacts {
  readonly name: string;
  readonly role: "input" | "target";
  readonly meaning: "number" | "category" | "image" | "text" | "sequence";
  /** Of one item: `[28, 28]`, `[]` for a single value. */
  readonly shape: readonly number[];
  /** Of a category: how many classes, or labels of which an item can have any. */
  readonly classes?: number;
  /** Whole numbers 0 to 255; between 0 and 1; or anything. */
  readonly values: "bytes" | "unit" | "any";
  /** The smallest and the largest, where that is known. */
  readonly range?: readonly [number, number];
}

/** @param shape of the file, `[items, …]`. */
export function imageColumn(dtype: DType, shape: readonly number[]): ColumnFacts {
  const item = shape.slice(1);
  const values = dtype === "uint8" ? "bytes" : "any";
  return { name: "image", role: "input", meaning: inputMeaning(item), shape: item, values };
}

export function labelColumn(
  meaning: "category" | "number",
  shape: readonly number[],
  range: readonly [number, number],
  classes?: number,
): ColumnFacts {
  const values = range[0] >= 0 && range[1] <= 1 ? "unit" : "any";
  const count = classes === undefined ? {} : { classes };
  return { name: "label", role: "target", meaning, shape, values, range, ...count };
}
