import type { DType } from "../base/dtype.js";
import type { BytesRef } from "./tensor.js";

/** What a column is used as: a model's input or target, the weight of an item, its group, its name, or nothing. */
export type ColumnRole = "input" | "target" | "weight" | "group" | "id" | "unused";
/** What its values mean. The number of a category is its place in `classes`. */
export type ColumnMeaning = "number" | "category" | "image" | "text" | "sequence";

/** One column: equal in every split. */
export interface Column {
  readonly name: string;
  readonly role: ColumnRole;
  readonly dtype: DType | "string";
  /** Of one item: `[]` of a single value, `[28, 28]`; `ragged` where items differ in length. */
  readonly shape: readonly number[] | "ragged";
  readonly meaning: ColumnMeaning;
  /** Names of a category's classes in the order of their numbers. */
  readonly classes?: readonly string[];
  /** A value is `stored × scale + offset`. */
  readonly scale: number;
  readonly offset: number;
}

/** Items of a column, one after the other. */
export interface Chunk {
  readonly items: number;
  readonly bytes: BytesRef;
}

/** A column's values in one split. */
export interface ColumnData {
  readonly chunks: readonly Chunk[];
  /** A bit an item, the lowest first, set where the value is missing. */
  readonly missing?: BytesRef;
  /** Of ragged items and texts: where each begins in its chunk, as uint32, and where the last one ends. */
  readonly offsets?: readonly BytesRef[];
}

/** One part of a dataset. */
export interface Split {
  readonly items: number;
  /** Column name → values; every split has the same columns. */
  readonly columns: Readonly<Record<string, ColumnData>>;
}

export interface Dataset {
  /** `mnist`, or the name given in the pipeline. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** `train`, `test`, or any other names; order kept. */
  readonly splits: Readonly<Record<string, Split>>;
  /** What the bytes were read from. */
  readonly sources: readonly { readonly role: string; readonly bytes: number; readonly md5: string }[];
  /** How the input's shape changed on the way, oldest first: the report's data card. */
  readonly steps: readonly DatasetStep[];
}

/**
 * What one stage did to the data, per split `[items, …]`, with the range of values it has now. It is known by its kind: the
 * name that a pipeline gives a stage is no part of its fingerprint, so it may not be in what the stage makes.
 */
export interface DatasetStep {
  readonly kind: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly dtype: string;
  readonly range: readonly [number, number];
}

/** Most bytes of a chunk, unless a single item has more. Part of what a dataset is stored as, so one number for all. */
const CHUNK_BYTES = 8 * 2 ** 20;

/** How many items of so many bytes each go into a chunk. */
export function itemsPerChunk(itemBytes: number, chunkBytes = CHUNK_BYTES): number {
  return Math.max(1, Math.floor(chunkBytes / Math.max(1, itemBytes)));
}
