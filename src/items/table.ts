import { floatValues, sizeOf, storedValues, type Tensor } from "../artifact/tensor.js";
import type { Predictions } from "../artifact/types.js";
import { isFloat } from "../base/dtype.js";
import type { ItemGroup } from "../base/items.js";
import type { ItemColumn, ItemTable, NumberColumn, TextColumn } from "./types.js";

/** What a model said of a split, with the reconstructions as exact as it made them. */
export interface Answers extends Omit<Predictions, "reconstruction"> {
  readonly reconstruction?: Tensor<"float32">;
}

/**
 * The columns of a split: `item`, its number in the split from 0; `label`; and of the groups that are wanted
 * - predictions: `predicted`, of a classifier also `probability`;
 * - latents: `latent`, of a variational model also `latent_scale`;
 * - reconstructions: `reconstruction`;
 * - losses: `loss` and its parts, such as `loss_kl`.
 * Classes have a column of names beside that of numbers.
 */
export function itemTable(
  answers: Answers,
  y: Tensor | null,
  classes: readonly string[] | null,
  groups: readonly ItemGroup[],
): ItemTable {
  const { items } = answers;
  const made: Readonly<Record<ItemGroup, () => readonly ItemColumn[]>> = {
    predictions: () => predicted(answers, classes),
    latents: () => [...optional("latent", answers.latent), ...optional("latent_scale", answers.latentScale)],
    reconstructions: () => optional("reconstruction", answers.reconstruction),
    losses: () => Object.entries(answers.itemLoss).map(([name, tensor]) => floats(lossName(name), tensor)),
  };
  return {
    items,
    classes,
    columns: [
      whole(
        "item",
        Int32Array.from({ length: items }, (_, i) => i),
      ),
      ...labels(y, answers.values === undefined ? classes : null),
      ...groups.flatMap((group) => made[group]()),
    ],
  };
}

/** Whether there is anything but the items and their labels. */
export function saysNothing({ columns }: ItemTable): boolean {
  return columns.every(({ name }) => name === "item" || name === "label" || name === "label_name");
}

/** Beside the loss itself, its parts carry its name: `kl` alone might be anything. */
function lossName(part: string): string {
  return part === "loss" ? part : `loss_${part}`;
}

function labels(y: Tensor | null, classes: readonly string[] | null): readonly ItemColumn[] {
  if (y === null) return [];
  // Several values an item, or values that are no classes.
  if (isFloat(y.dtype) || y.shape.length > 1 || classes === null) return [plainFloats("label", y)];
  return classNumbers("label", Int32Array.from(storedValues(y)), classes);
}

function predicted(
  { values, probabilities, logOdds }: Answers,
  classes: readonly string[] | null,
): readonly ItemColumn[] {
  if (values !== undefined) return [plainFloats("predicted", values)];
  if (probabilities === undefined) return [];
  // Probabilities round to 0 and 1, where there is no highest any more.
  const rows = storedValues(logOdds ?? probabilities);
  const width = probabilities.shape[1] as number;
  const called = Int32Array.from({ length: rows.length / width }, (_, i) => highest(rows, i * width, width));
  return [...classNumbers("predicted", called, classes), floats("probability", probabilities)];
}

/** The place of the largest of some values; of equal ones the first, as everywhere. */
function highest(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if ((values[from + i] as number) > (values[from + best] as number)) best = i;
  }
  return best;
}

function classNumbers(
  name: string,
  numbers: Int32Array,
  classes: readonly string[] | null,
): readonly (NumberColumn | TextColumn)[] {
  const column = whole(name, numbers);
  if (classes === null) return [column];
  const values = Array.from(numbers, (number) => classes[number] ?? null);
  return [column, { name: `${name}_name`, dtype: "text", shape: [], values }];
}

function whole(name: string, values: Int32Array): NumberColumn {
  return { name, dtype: "int32", shape: [], values };
}

function optional(name: string, tensor: Tensor | undefined): readonly NumberColumn[] {
  return tensor === undefined ? [] : [floats(name, tensor)];
}

function floats(name: string, tensor: Tensor): NumberColumn {
  return { name, dtype: "float32", shape: tensor.shape.slice(1), values: floatValues(tensor) };
}

/** For what is one number in most models: then without an axis of length 1. */
function plainFloats(name: string, tensor: Tensor): NumberColumn {
  const column = floats(name, tensor);
  return sizeOf(column.shape) === 1 ? { ...column, shape: [] } : column;
}
