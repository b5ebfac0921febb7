import { didYouMean, oneOf } from "../../base/suggest.js";
import { type Task, taskOf } from "../../base/task.js";
import type { Complaints } from "../complaints.js";
import type { DataFacts } from "../datasets.js";
import { at, type Place } from "./place.js";

/** What a model is given of an item. */
interface InputFacts {
  readonly shape: readonly number[];
  /** Whole numbers from 0 to 255, which an embedding can look up. */
  readonly isWhole: boolean;
  /** Quantities that no stage has normalized. */
  readonly isRaw: boolean;
}

/** The names of the data's columns: those of IDX files. */
export function columnNames({ target }: DataFacts): readonly string[] {
  return target === null ? ["image"] : ["image", "label"];
}

/** The name of the only input column. */
export function inputColumn(_: DataFacts): string {
  return "image";
}

/** @param name null for the only input column. */
export function inputFacts(data: DataFacts, name: string | null): InputFacts | undefined {
  if ((name ?? inputColumn(data)) === "image") {
    return { shape: data.item, isWhole: data.values === "bytes", isRaw: data.values === "bytes" };
  }
  if (data.target === null || name !== "label") return undefined;
  return { shape: data.target.shape, isWhole: data.target.meaning === "category", isRaw: false };
}

export function complainOfColumn(name: string, place: Place, known: readonly string[], complaints: Complaints): void {
  at(place, complaints).error("unknown-column", `the data have no column \`${name}\``, {
    received: name,
    expected: oneOf(known),
    fix: didYouMean(name, known) ?? "Name a column that the data have.",
  });
}

/** What an output is compared with. */
export interface TargetFacts {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of classes; null for quantities. */
  readonly classes: number | null;
  readonly values: DataFacts["values"];
  /** The smallest and the largest of the quantities, where that is known. */
  readonly range?: readonly [number, number];
  readonly task: Task;
}

/** @param name null for the only target column; undefined where there is none. */
export function targetFacts(data: DataFacts, name: string | null): TargetFacts | undefined {
  if (name === "image") return { name, shape: data.item, classes: null, values: data.values, task: "regression" };
  if (data.target === null || (name !== null && name !== "label")) return undefined;
  const { shape, classes, range } = data.target;
  const task = taskOf(data.target);
  if (task === "classification") return { name: "label", shape, classes, values: "bytes", task };
  const values = range[0] >= 0 && range[1] <= 1 ? "unit" : "any";
  return { name: "label", shape, classes: null, values, range, task };
}
