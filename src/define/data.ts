/** Tools for stages that take or make datasets. */
import { columnData } from "../artifact/columns.js";
import type { Column, Dataset } from "../artifact/dataset.js";
import { tensorOf } from "../artifact/tensor.js";
import type { DType, TypedArrays } from "../base/dtype.js";

/**
 * The dataset with a column of these values, in the place of the one of its name or as a new one.
 *
 * @param column what the values are; of a type of numbers, and of one shape for every item.
 * @param valuesOf gives the values of one split, item by item, in the column's type.
 */
export function withValues<D extends DType>(
  dataset: Dataset,
  column: Column & { readonly dtype: D },
  valuesOf: (split: string, items: number) => TypedArrays[D],
): Dataset {
  const { name, dtype, shape } = column;
  if (shape === "ragged") throw new Error(`the items of the column ${name} have no one shape`);
  const splits = Object.entries(dataset.splits).map(([split, { items, columns }]) => {
    const data = columnData(tensorOf(dtype, [items, ...shape], valuesOf(split, items)));
    return [split, { items, columns: { ...columns, [name]: data } }];
  });
  const known = dataset.columns.some((other) => other.name === name);
  const columns = known
    ? dataset.columns.map((other) => (other.name === name ? column : other))
    : [...dataset.columns, column];
  return { ...dataset, columns, splits: Object.fromEntries(splits) };
}
