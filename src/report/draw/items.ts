import { classesOf, columnTensor, inputOf, targetColumn } from "../../artifact/columns.js";
import { ItemReader } from "../../artifact/reader.js";
import { storedValues, type Tensor } from "../../artifact/tensor.js";
import type { Dataset } from "../../artifact/types.js";
import type { NumberArray } from "../../base/dtype.js";

/** `count` of the numbers 0 … n−1, evenly spread: the same for every caller, whatever the seed. */
export function evenly(n: number, count: number): number[] {
  if (count >= n) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * n) / count));
}

/** Training data first, test data last, others between by name: stored splits have no order of their own. */
export function inSplitOrder(splits: readonly string[]): string[] {
  const place = (split: string) => (split === "train" ? 0 : split === "test" ? 2 : 1);
  return [...splits].sort((a, b) => place(a) - place(b) || a.localeCompare(b, "en"));
}

/** Of a split, as its model sees it; undefined where there is none. */
export function inputsOf(dataset: Dataset | undefined, split: string): Tensor | undefined {
  return dataset && inputOf(dataset, split);
}

/** Labels of a split as class indices, or null where the target is no class. */
export function labelsOf(dataset: Dataset | undefined, split: string): NumberArray | null {
  const target = dataset && targetColumn(dataset);
  if (target === undefined || target.meaning !== "category" || target.shape.length > 0) return null;
  const labels = columnTensor(dataset as Dataset, split, target);
  return labels === undefined ? null : storedValues(labels);
}

/** What a class is called; its number where the data has no names. Two classes of one name are distinguished by their numbers. */
export function className(dataset: Dataset | undefined, c: number): string {
  return (dataset && namesOf(dataset)[c]) ?? String(c);
}

function namesOf(dataset: Dataset): readonly string[] {
  const known = distinctNames.get(dataset);
  if (known !== undefined) return known;
  const written = classesOf(dataset) ?? [];
  const names: string[] = [];
  for (const [c, name] of written.entries()) {
    const alone = written.indexOf(name) === written.lastIndexOf(name);
    let distinct = alone ? name : `${name} (${c})`;
    while (names.includes(distinct) || (!alone && written.includes(distinct))) distinct += "′";
    names.push(distinct);
  }
  distinctNames.set(dataset, names);
  return names;
}
const distinctNames = new WeakMap<Dataset, readonly string[]>();

export function classCount(dataset: Dataset | undefined, labels: ArrayLike<number> | null): number {
  const names = dataset && classesOf(dataset);
  if (names) return names.length;
  let largest = -1;
  for (let i = 0; labels !== null && i < labels.length; i++) largest = Math.max(largest, labels[i] as number);
  return largest + 1;
}

/** The same few items in every variant: the first of each class in turn, or evenly spread where there are no classes. */
export function exampleItems(labels: ArrayLike<number> | null, items: number, count: number): number[] {
  if (labels === null) return evenly(items, count);
  const byClass = new Map<number, number[]>();
  for (let i = 0; i < items; i++) {
    const c = labels[i] as number;
    const found = byClass.get(c) ?? [];
    if (found.length === 0) byClass.set(c, found);
    if (found.length < count) found.push(i);
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b);
  const chosen: number[] = [];
  for (let round = 0; chosen.length < count && round < count; round++) {
    for (const c of classes) {
      const item = byClass.get(c)?.[round];
      if (item !== undefined && chosen.length < count) chosen.push(item);
    }
  }
  return chosen;
}

/** Rows of a tensor as float32, scale and offset applied: `[rows.length, …row shape]`. */
export function rowsOf(tensor: Tensor, rows: readonly number[]): Float32Array {
  const reader = new ItemReader(tensor);
  const out = new Float32Array(rows.length * reader.size);
  reader.each(Uint32Array.from(rows), 0, rows.length, (stored, at) => {
    const start = at * reader.size;
    for (let i = 0; i < stored.length; i++) out[start + i] = (stored[i] as number) * tensor.scale + tensor.offset;
  });
  return out;
}
