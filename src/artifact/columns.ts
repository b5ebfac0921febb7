/** Columns of a dataset by name and role, and their values as tensors over the stored chunks. */

import { inputMeaning } from "../base/channels.js";
import { ITEM_BYTES } from "../base/dtype.js";
import type { Chunk, Column, ColumnData, Dataset, DatasetStep, Split } from "./dataset.js";
import { type BytesRef, bytesInParts, type Tensor, tensorOf, valueRange } from "./tensor.js";

/** The input column. Every dataset has one. */
export function inputColumn(dataset: Dataset): Column {
  const found = dataset.columns.find(({ role }) => role === "input");
  if (found === undefined) throw new Error(`the dataset ${dataset.name} has no input column`);
  return found;
}

/** The target column; undefined where the data has no labels. */
export function targetColumn({ columns }: Dataset): Column | undefined {
  return columns.find(({ role }) => role === "target");
}

/** Names of the target's classes in the order of their numbers; null where it is no category. */
export function classesOf(dataset: Dataset): readonly string[] | null {
  return targetColumn(dataset)?.classes ?? null;
}

/** Values of a column in one split `[items, …shape]`; undefined where the dataset has no such split. Nothing is loaded. */
export function columnTensor(dataset: Dataset, split: string, { name, dtype, shape, scale, offset }: Column) {
  const part = Object.hasOwn(dataset.splits, split) ? dataset.splits[split] : undefined;
  const data = part?.columns[name];
  if (part === undefined || data === undefined) return undefined;
  if (dtype === "string" || shape === "ragged") throw new Error(`the column ${name} holds no arrays of one shape`);
  const tensor: Tensor = { dtype, shape: [part.items, ...shape], scale, offset, bytes: bytesOf(data) };
  return tensor;
}

/** The inputs of a split `[items, …]`; undefined where there is no such split. */
export function inputOf(dataset: Dataset, split: string): Tensor | undefined {
  return columnTensor(dataset, split, inputColumn(dataset));
}

/** The targets of a split `[items, …]`; null without such a split or without a target. */
export function targetOf(dataset: Dataset, split: string): Tensor | null {
  const column = targetColumn(dataset);
  return (column && columnTensor(dataset, split, column)) ?? null;
}

/** So that a column is loaded once for all its readers. */
const joined = new WeakMap<ColumnData, BytesRef>();

function bytesOf(data: ColumnData): BytesRef {
  const known = joined.get(data);
  if (known !== undefined) return known;
  const bytes = data.chunks.length === 0 ? tensorOf("uint8", [0], new Uint8Array()).bytes : undefined;
  const made = bytes ?? bytesInParts(data.chunks.map((chunk) => chunk.bytes));
  joined.set(data, made);
  return made;
}

/** The chunks of a tensor `[items, …]`, as a column keeps them. */
export function columnData({ dtype, shape: [items = 0], bytes }: Tensor): ColumnData {
  const itemBytes = bytes.length / Math.max(1, items);
  const chunks = (bytes.parts ?? [bytes]).map((part): Chunk => {
    return { items: itemBytes === 0 ? items : part.length / itemBytes, bytes: part };
  });
  if (bytes.length % ITEM_BYTES[dtype] !== 0) throw new Error(`${bytes.length} bytes are no whole ${dtype} values`);
  const data = { chunks };
  joined.set(data, bytes);
  return data;
}

/** Shapes of the input `[items, …]`, its type and its range now, as the step of a stage of this kind. */
export function stepOf(kind: string, dataset: Dataset, range?: DatasetStep["range"]): DatasetStep {
  const input = inputColumn(dataset);
  const shapes = Object.entries(dataset.splits).map(([name, { items }]) => [
    name,
    [items, ...(input.shape as number[])],
  ]);
  const measured = range ?? rangeOfFirst(dataset);
  return { kind, shapes: Object.fromEntries(shapes), dtype: input.dtype, range: measured };
}

/** Of the split `train`, or of the first. */
function rangeOfFirst(dataset: Dataset): DatasetStep["range"] {
  const split = mainSplit(dataset);
  const input = split === undefined ? undefined : inputOf(dataset, split);
  return input === undefined ? [0, 0] : valueRange(input);
}

/** The split that describes the data where a single one can: `train`, or the first. */
function mainSplit({ splits }: Dataset): string | undefined {
  return Object.hasOwn(splits, "train") ? "train" : Object.keys(splits)[0];
}

/** The same data with another description of one column. Nothing is copied. */
export function withColumn(dataset: Dataset, changed: Column): Dataset {
  return { ...dataset, columns: dataset.columns.map((column) => (column.name === changed.name ? changed : column)) };
}

/** The splits of a dataset whose only columns are an input and perhaps a category to predict. */
export interface Arrays {
  readonly x: Tensor;
  readonly y: Tensor | null;
}

/** A dataset of arrays `[items, …]`, inputs `x` and targets `y`; every split has the same columns. */
export function datasetOfArrays({
  name,
  classes,
  splits,
  sources = [],
  steps = [],
}: Pick<Dataset, "name"> &
  Partial<Pick<Dataset, "sources" | "steps">> & {
    readonly classes: readonly string[] | null;
    readonly splits: Readonly<Record<string, Arrays>>;
  }): Dataset {
  const first = Object.values(splits)[0];
  const columns = first === undefined ? [] : columnsOf(first, classes);
  const parts = Object.entries(splits).map(([split, { x, y }]): [string, Split] => {
    const data = { image: columnData(x), ...(y === null ? {} : { label: columnData(y) }) };
    return [split, { items: x.shape[0] as number, columns: data }];
  });
  return { name, columns, splits: Object.fromEntries(parts), sources, steps };
}

function columnsOf({ x, y }: Arrays, classes: readonly string[] | null): Column[] {
  const described = ({ dtype, shape, scale, offset }: Tensor) => ({ dtype, shape: shape.slice(1), scale, offset });
  const image: Column = { name: "image", role: "input", ...described(x), meaning: inputMeaning(x.shape.slice(1)) };
  if (y === null) return [image];
  const meaning = y.dtype.startsWith("float") ? "number" : "category";
  const label: Column = { name: "label", role: "target", ...described(y), meaning };
  return [image, classes === null ? label : { ...label, classes }];
}
