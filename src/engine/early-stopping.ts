import type { EpochMetrics } from "../base/event.js";
import type { TrainStage } from "../gen/stages.js";

export type StoppingRule = NonNullable<TrainStage["earlyStopping"]>;

/** Measures of which more is better, of the only output or of one by its name; of all others, less is. */
const MORE_IS_BETTER = /(^|\.)accuracy$/;

/**
 * The state of a training, from its epochs so far alone: nothing else must be kept to continue it.
 * @param split whose metric it is.
 * @returns the best epoch (from 1), and how many epochs have passed since without one better by more than `minDelta`.
 */
export function standing(
  epochs: readonly EpochMetrics[],
  split: string,
  { metric, minDelta }: Pick<StoppingRule, "metric" | "minDelta">,
): { readonly bestEpoch: number; readonly stale: number } {
  const sign = MORE_IS_BETTER.test(metric) ? -1 : 1;
  let best = Number.POSITIVE_INFINITY;
  let bestEpoch = 0;
  epochs.forEach((metrics, i) => {
    const value = sign * (metrics[split]?.[metric] ?? Number.NaN);
    if (bestEpoch !== 0 && !(value < best - minDelta)) return;
    best = value;
    bestEpoch = i + 1;
  });
  return { bestEpoch, stale: epochs.length - bestEpoch };
}
