import { storedValues, type Tensor } from "../../artifact/tensor.js";
import type { Dataset, Split } from "../../artifact/types.js";

/** `count` of the numbers 0 … n−1, evenly spread: the same for everybody who asks, whatever the seed. */
export function evenly(n: number, count: number): number[] {
  if (count >= n) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * n) / count));
}

/** Training data first, test data last, others between by name: stored splits have no order of their own. */
export function inSplitOrder(splits: readonly string[]): string[] {
  const place = (split: string) => (split === "train" ? 0 : split === "test" ? 2 : 1);
  return [...splits].sort((a, b) => place(a) - place(b) || a.localeCompare(b, "en"));
}

/** Labels of a split as class indices, or null where it has none. */
export function labelsOf(split: Split | undefined): Int32Array | Uint8Array | Float32Array | null {
  return split?.y ? storedValues(split.y) : null;
}

/** What a class is called; its number where the data has no names. Two classes of one name are told apart by their numbers. */
export function className(dataset: Dataset | undefined, c: number): string {
  return (dataset && namesOf(dataset)[c]) ?? String(c);
}

function namesOf(dataset: Dataset): readonly string[] {
  const known = distinctNames.get(dataset);
  if (known !== undefined) return known;
  const written = dataset.classes ?? [];
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
  if (dataset?.classes) return dataset.classes.length;
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
  const stored = storedValues(tensor);
  const width = tensor.shape.slice(1).reduce((a, b) => a * b, 1);
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, r) => {
    for (let d = 0; d < width; d++) {
      out[r * width + d] = (stored[row * width + d] as number) * tensor.scale + tensor.offset;
    }
  });
  return out;
}
