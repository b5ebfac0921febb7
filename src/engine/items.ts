import { inputOf, targetColumn, targetOf } from "../artifact/columns.js";
import { isFloat } from "../artifact/dtype.js";
import type { Tensor } from "../artifact/tensor.js";
import type { Dataset } from "../artifact/types.js";

/** Items of a split as programs take them: `x` to see and `y` to predict. */
export interface Items {
  /** Of all items of the split, `[items, …]`. */
  readonly x: Tensor;
  readonly y: Tensor | null;
  /** Whether `y` is numbers to come close to. Default: where they are floats. */
  readonly numbers?: boolean;
  /** Which items of the split are meant, in this order; without it, all. */
  readonly picked?: Uint32Array;
}

/** All items of a split; undefined where the dataset has none of that name. */
export function itemsOf(dataset: Dataset, split: string): Items | undefined {
  const x = inputOf(dataset, split);
  if (x === undefined) return undefined;
  return { x, y: targetOf(dataset, split), numbers: targetColumn(dataset)?.meaning === "number" };
}

export function countOf({ x, picked }: Items): number {
  return picked?.length ?? (x.shape[0] as number);
}

/** Whether `y` is numbers, not classes. */
export function predictsNumbers({ y, numbers }: Items): boolean {
  return y !== null && (numbers ?? isFloat(y.dtype));
}
