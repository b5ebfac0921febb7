/**
 * The task of a model, which follows from its target: its own input, one class of several, any of several labels at a time, or
 * values. Loss, checks, metrics and charts follow from it.
 */
export const TASKS = ["reconstruction", "classification", "multi-label", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** The facts of a target on which the task depends. */
export interface Target {
  readonly meaning: string;
  /** Of one item. */
  readonly shape: readonly number[] | "ragged";
}

/** @param target the column to predict, or `input` where a model reconstructs its input. */
export function taskOf(target: Target | "input"): Task {
  if (target === "input") return "reconstruction";
  if (target.meaning !== "category") return "regression";
  return target.shape.length === 0 ? "classification" : "multi-label";
}
