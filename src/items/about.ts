import { classesOf } from "../artifact/columns.js";
import type { Json } from "../base/json.js";
import type { Asked } from "./answers.js";
import type { ItemColumn } from "./types.js";

/** A file and what is in it. */
export interface TableFile {
  readonly split: string;
  readonly file: string;
  readonly items: number;
  readonly columns: readonly Pick<ItemColumn, "name" | "dtype" | "shape">[];
}

/** For readers who have only the files: which model they are from, and what each column is. */
export function aboutItems({ weights, dataset }: Asked, engine: string, files: readonly TableFile[]): Json {
  const classes = classesOf(dataset);
  return {
    epoch: weights.epoch,
    engine,
    data: dataset.name,
    ...(classes === null ? {} : { classes: [...classes] }),
    splits: Object.fromEntries(
      files.map(({ split, file, items, columns }) => [
        split,
        { file, items, columns: columns.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })) },
      ]),
    ),
  };
}
