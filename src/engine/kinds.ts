/** The kinds that the engine computes with, by name: the one place in it that knows tables of them. */
import { lossTable } from "../gen/losses.js";
import { lossModules } from "../gen/registry-losses.js";
import { optimizerModules } from "../gen/registry-optimizers.js";
import { scheduleModules } from "../gen/registry-schedules.js";
import type { LossRule } from "./loss.js";
import type { OptimizerRule } from "./optimizer.js";
import type { ScheduleRule } from "./schedule.js";

/** What must be known of a loss besides its arithmetic. */
export interface LossFacts {
  /** What the output must be: anything, between 0 and 1, or probabilities that sum to 1. */
  readonly output: "any" | "unit" | "distribution";
}

type Rules<R> = Readonly<Record<string, R>>;

// Parameters were checked by the schema of their kind, which is what keeps rule and parameters together.
const losses = lossModules as Rules<LossRule<unknown>>;
const optimizers = optimizerModules as Rules<OptimizerRule<unknown>>;
const schedules = scheduleModules as Rules<ScheduleRule<unknown>>;

export function lossRule(kind: string): LossRule<unknown> {
  return known("loss", losses, kind);
}

export function lossFacts(kind: string): LossFacts {
  return known("loss", lossTable as Rules<LossFacts>, kind);
}

export function optimizerRule(kind: string): OptimizerRule<unknown> {
  return known("optimizer", optimizers, kind);
}

export function scheduleRule(kind: string): ScheduleRule<unknown> {
  return known("schedule", schedules, kind);
}

function known<T>(one: string, table: Rules<T>, kind: string): T {
  const found = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (found === undefined) throw new Error(`no ${one} ${kind}`);
  return found;
}
