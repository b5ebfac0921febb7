import { targetColumn, targetOf } from "../../artifact/columns.js";
import { floatValues } from "../../artifact/tensor.js";
import { taskOf } from "../../base/task.js";
import type { Absent, ChartSource } from "../chart.js";
import { evenly } from "./items.js";

/** What a model predicted for one of the values of every item, and what is true. */
export interface ValuedItems {
  readonly split: string;
  readonly truth: Float32Array;
  readonly predicted: Float32Array;
  /** How many values an item has. */
  readonly values: number;
}

/**
 * @param value which of an item's values, from 0.
 * @returns why there is none where the model predicts no values.
 */
export function valuedItems({ dataset, predictions }: ChartSource["artifacts"], value: number): ValuedItems | Absent {
  const said = predictions?.values;
  if (!predictions || !said) return { absent: "the model predicts no values" };
  const column = dataset && targetColumn(dataset);
  const target = dataset && targetOf(dataset, predictions.split);
  if (!column || !target) return { absent: "the data has no values to compare with" };
  const values = said.shape.slice(1).reduce((product, n) => product * n, 1);
  if (taskOf(column) === "multi-label") return { absent: "the labels are no values" };
  if (value >= values) return { absent: `an item has ${values === 1 ? "one value" : `${values} values`} only` };
  const [all, every] = [floatValues(target), floatValues(said)];
  if (all.length !== every.length) return { absent: "the data has no values to compare with" };
  const of = (rows: Float32Array) =>
    Float32Array.from({ length: predictions.items }, (_, i) => rows[i * values + value] as number);
  return { split: predictions.split, truth: of(all), predicted: of(every), values };
}

/** Some of the items, evenly spread, of which both numbers are finite. */
export function somePoints({ truth, predicted }: ValuedItems, most: number): { truth: number[]; predicted: number[] } {
  const chosen = evenly(truth.length, most).filter((i) => Number.isFinite(truth[i]) && Number.isFinite(predicted[i]));
  return { truth: chosen.map((i) => truth[i] as number), predicted: chosen.map((i) => predicted[i] as number) };
}

/** `value 2 of 3` where an item has several. */
export function ofValues(value: number, values: number): string {
  return values === 1 ? "" : `, value ${value} of ${values} (they count from 0)`;
}
