import type { Digest } from "../base/digest.js";
import type { EngineName } from "../base/engines.js";
import type { ItemGroup } from "../base/items.js";

export type ItemFormat = "npz" | "parquet" | "csv";

/** Which items are exported, and where to. */
export interface ItemsRequest {
  readonly format: ItemFormat;
  /** Absolute; files of a variant go into a folder of its name below. */
  readonly folder: string;
  /** The same as its user would type it. */
  readonly shownFolder: string;
  /** Who computed the run: the same one gives the same bits. */
  readonly engine: EngineName;
  readonly models: readonly TrainedItems[];
  /** Default: all splits of each variant's data. */
  readonly splits?: readonly string[];
  readonly groups: readonly ItemGroup[];
}

/** A variant's trained model and its data, in a store. */
export interface TrainedItems {
  /** Of the variant, with the stage where one was asked for: the folder of its files. */
  readonly name: string;
  readonly seed: number;
  readonly model: Digest;
  readonly weights: Digest;
  readonly dataset: Digest;
}

/** The items of one split as columns of equal length. */
export interface ItemTable {
  readonly items: number;
  readonly columns: readonly ItemColumn[];
  /** Class names in index order; null where the data has none. */
  readonly classes: readonly string[] | null;
}

export type ItemColumn = NumberColumn | TextColumn;

export interface NumberColumn {
  readonly name: string;
  readonly dtype: "int32" | "float32";
  /** Of one item; `[]` for a single number. */
  readonly shape: readonly number[];
  /** `[items, …shape]`, row-major. */
  readonly values: Int32Array | Float32Array;
}

export interface TextColumn {
  readonly name: string;
  readonly dtype: "text";
  readonly shape: readonly [];
  /** Null where there is none. */
  readonly values: readonly (string | null)[];
}
