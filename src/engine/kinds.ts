/**
 * The kinds that the engine computes with, by name: the one place in it that knows tables of them. Kinds of a project's own
 * are adopted by the names that hold the digests of their code, so that a name never means two things.
 */
import { lossTable } from "../gen/losses.js";
import { lossModules } from "../gen/registry-losses.js";
import { optimizerModules } from "../gen/registry-optimizers.js";
import { scheduleModules } from "../gen/registry-schedules.js";
import type { LossRule } from "./loss.js";
import type { OwnMetric } from "./metric.js";
import type { OptimizerRule } from "./optimizer.js";
import type { ScheduleRule } from "./schedule.js";

/** What must be known of a loss besides its arithmetic. */
export interface LossFacts {
  /** What the output must be: anything, between 0 and 1, or probabilities that sum to 1. */
  readonly output: "any" | "unit" | "distribution";
}

type Rules<R> = Readonly<Record<string, R>>;

// One map and one function a family, so that a stage depends on no more kinds than it computes with.
const ownLosses = new Map<string, { readonly rule: LossRule<unknown>; readonly facts: LossFacts }>();
const ownOptimizers = new Map<string, OptimizerRule<unknown>>();
const ownMetrics = new Map<string, OwnMetric>();

// Parameters were checked by the schema of their kind, which is what keeps rule and parameters together.
export function lossRule(kind: string): LossRule<unknown> {
  return ownLosses.get(kind)?.rule ?? known("loss", lossModules as Rules<LossRule<unknown>>, kind);
}

export function lossFacts(kind: string): LossFacts {
  return ownLosses.get(kind)?.facts ?? known("loss", lossTable as Rules<LossFacts>, kind);
}

export function isLoss(kind: string): boolean {
  return ownLosses.has(kind) || Object.hasOwn(lossModules, kind);
}

export function optimizerRule(kind: string): OptimizerRule<unknown> {
  return ownOptimizers.get(kind) ?? known("optimizer", optimizerModules as Rules<OptimizerRule<unknown>>, kind);
}

export function scheduleRule(kind: string): ScheduleRule<unknown> {
  return known("schedule", scheduleModules as Rules<ScheduleRule<unknown>>, kind);
}

export function metricOfKind(kind: string): OwnMetric {
  return ownMetrics.get(kind) ?? known("metric", {}, kind);
}

export function adoptLoss(name: string, rule: LossRule<unknown>, facts: LossFacts): void {
  ownLosses.set(name, { rule, facts });
}

export function adoptOptimizer(name: string, rule: OptimizerRule<unknown>): void {
  ownOptimizers.set(name, rule);
}

export function adoptMetric(name: string, metric: OwnMetric): void {
  ownMetrics.set(name, metric);
}

function known<T>(one: string, table: Rules<T>, kind: string): T {
  const found = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (found === undefined) throw new Error(`no ${one} ${kind}`);
  return found;
}
