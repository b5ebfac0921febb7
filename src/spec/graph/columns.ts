import { didYouMean, oneOf } from "../../base/suggest.js";
import { type Task, taskOf } from "../../base/task.js";
import type { Complaints } from "../complaints.js";
import type { ColumnFacts, DataFacts } from "../data-facts.js";
import { at, type Place } from "./place.js";

/** What a model is given of an item. */
interface InputFacts {
  readonly shape: readonly number[];
  readonly values: ColumnFacts["values"];
  /** Whole numbers from 0 on, which an embedding can look up. */
  readonly isWhole: boolean;
  /** Quantities that no stage has normalized. */
  readonly isRaw: boolean;
}

export function columnNames({ columns }: DataFacts): readonly string[] {
  return columns.map(({ name }) => name);
}

/** The column of this name, or without a name the only one with this role. */
function columnOf({ columns }: DataFacts, name: string | null, role: ColumnFacts["role"]): ColumnFacts | undefined {
  return columns.find((column) => (name === null ? column.role === role : column.name === name));
}

/** The name of the only input column. */
export function inputColumn(data: DataFacts): string {
  const found = columnOf(data, null, "input");
  if (found === undefined) throw new Error("the data have no input column");
  return found.name;
}

/** @param name null for the only input column. */
export function inputFacts(data: DataFacts, name: string | null): InputFacts | undefined {
  const column = columnOf(data, name, "input");
  if (column === undefined) return undefined;
  const { shape, role, meaning, values } = column;
  const isWhole = values === "bytes" || meaning === "category";
  return { shape, values, isWhole, isRaw: role === "input" && values === "bytes" };
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
  readonly values: ColumnFacts["values"];
  /** The smallest and the largest of the quantities, where that is known. */
  readonly range?: readonly [number, number];
  readonly task: Task;
}

/** @param name null for the only target column; undefined where there is none. */
export function targetFacts(data: DataFacts, name: string | null): TargetFacts | undefined {
  const column = columnOf(data, name, "target");
  if (column === undefined) return undefined;
  const { name: own, shape, values, range } = column;
  const task = taskOf(column);
  if (task === "classification") return { name: own, shape, classes: column.classes ?? 0, values, task };
  return { name: own, shape, classes: null, values, ...(range && { range }), task };
}
