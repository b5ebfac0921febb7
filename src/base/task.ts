/**
 * What a model is to do with its target, which follows from what the target is: its own input, one class of several, any of
 * several labels at a time, or values. Loss, checks, metrics and charts follow from it.
 */
export const TASKS = ["reconstruction", "classification", "multi-label", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** What is asked of a column to know the task. */
export interface Target {
  readonly meaning: string;
  /** Of one item. */
  readonly shape: readonly number[] | "ragged";
}

/** @param target the column to predict, or `input` where a model is to give back what it sees. */
export function taskOf(target: Target | "input"): Task {
  if (target === "input") return "reconstruction";
  if (target.meaning !== "category") return "regression";
  return target.shape.length === 0 ? "classification" : "multi-label";
}
