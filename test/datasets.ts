/** Datasets of one array to see and perhaps one of labels, which most tests need. */
import { type Arrays, classesOf, datasetOfArrays, inputOf, targetOf } from "../src/artifact/columns.js";
import type { Tensor } from "../src/artifact/tensor.js";
import type { Dataset } from "../src/artifact/types.js";

export { type Arrays, datasetOfArrays } from "../src/artifact/columns.js";

export function splitOf(dataset: Dataset, name: string): Arrays {
  const x = inputOf(dataset, name);
  if (x === undefined) throw new Error(`no split ${name}`);
  return { x, y: targetOf(dataset, name) };
}

/** What `datasetOfArrays` takes to make this dataset. */
export function arraysOf(dataset: Dataset) {
  const { name, sources, steps } = dataset;
  const splits = Object.fromEntries(Object.keys(dataset.splits).map((split) => [split, splitOf(dataset, split)]));
  return { name, classes: classesOf(dataset), splits, sources, steps };
}

/** The same dataset with other splits or classes. */
export function edited(
  dataset: Dataset,
  change: { readonly classes?: readonly string[] | null; readonly splits?: Readonly<Record<string, Arrays>> },
): Dataset {
  return datasetOfArrays({ ...arraysOf(dataset), ...change });
}

export function labelsIn(dataset: Dataset, split: string): Tensor {
  const labels = targetOf(dataset, split);
  if (labels === null) throw new Error(`no labels of ${split}`);
  return labels;
}
