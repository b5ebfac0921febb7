import { floatValues } from "../../artifact/tensor.js";
import type { History, MetricInfo } from "../../artifact/types.js";
import { isAbsent } from "../chart.js";
import { type LatentQuality, upToDate } from "../charts/latent-quality.js";
import { divergenceOf, itemsKey, lossKey } from "../comparable.js";
import { classifiedItems } from "../draw/classified.js";
import { labelsOf } from "../draw/items.js";
import { formatNumber } from "../format.js";
import type { Variant } from "../gather.js";
import { multiplyAdds } from "../math/cost.js";
import { type Interval, type PairedDifference, pairedDifference, pairedShares } from "../math/stats.js";

/** What the words on page one are made from: numbers of one variant. */
export interface Facts {
  readonly variant: Variant;
  /** Value on the deciding split after training; null for a variant without one. */
  readonly value: number | null;
  readonly train: number | null;
  /** The deciding measure of every item; null where it was not kept. */
  readonly items: Float32Array | null;
  readonly parameters: number | null;
  readonly multiplyAdds: number | null;
  /** Measured; null unless the report is made with times. */
  readonly trainingMs: number | null;
  readonly clusters: LatentQuality | null;
  /** Equal in variants whose items are the same; null where that is not known. */
  readonly sameItems: string | null;
  /** Why its value may not be held against the others': another loss, another form of its KL divergence, or other data; null where it may. */
  readonly apart: "loss" | "form" | "data" | null;
}

/** The measure that decides, and the variants measured by it. */
export interface Comparison {
  readonly metric: string;
  readonly split: string;
  readonly info: MetricInfo;
  readonly facts: readonly Facts[];
  readonly baseline: Facts | null;
  /** Those with a value that may be compared, best first; equals in the order of the report. */
  readonly ranked: readonly Facts[];
}

/**
 * Accuracy decides where the baseline has one, else the loss; on the test split, where there is one. What is measured
 * by another loss than the baseline, or on other items, is no better and no worse. Null without any metrics.
 */
export function compare(variants: readonly Variant[]): Comparison | null {
  const measured = variants.filter(({ artifacts }) => artifacts.metrics !== undefined);
  const reference = measured.find(({ look }) => look.baseline) ?? measured[0];
  const { about, splits: measuredSplits } = reference?.artifacts.metrics ?? {};
  if (reference === undefined || about === undefined || measuredSplits === undefined) return null;
  const metric = about.accuracy !== undefined ? "accuracy" : "loss";
  const splits = Object.keys(measuredSplits);
  const split = splits.includes("test") ? "test" : (splits.at(-1) ?? "test");
  const info = metricInfo([reference], metric);
  const facts = variants.map((variant) => factsOf(variant, reference, metric, split));
  const sign = info.better === "higher" ? -1 : 1;
  const ranked = facts
    .filter((each) => each.apart === null && each.value !== null && Number.isFinite(each.value))
    .sort((a, b) => sign * ((a.value as number) - (b.value as number)) || a.variant.look.index - b.variant.look.index);
  const baseline = facts.find((each) => each.variant.look.baseline && each.value !== null) ?? null;
  return { metric, split, info, facts, baseline, ranked };
}

export function metricInfo(variants: readonly Variant[], metric: string): MetricInfo {
  for (const variant of variants) {
    const info = variant.artifacts.metrics?.about[metric];
    if (info) return info;
  }
  return { label: metric, unit: "", better: metric === "accuracy" ? "higher" : "lower" };
}

function factsOf(variant: Variant, reference: Variant, metric: string, split: string): Facts {
  const { metrics, model } = variant.artifacts;
  return {
    variant,
    value: metrics?.splits[split]?.[metric] ?? null,
    train: split === "train" ? null : (metrics?.splits.train?.[metric] ?? null),
    items: itemValues(variant, metric, split),
    parameters: model?.parameters ?? null,
    multiplyAdds: model ? multiplyAdds(model) : null,
    trainingMs: variant.trainingMs,
    clusters: latentQuality(variant),
    sameItems: itemsKey(variant.artifacts, split),
    apart: apartFrom(reference, variant, metric, split),
  };
}

function apartFrom(reference: Variant, variant: Variant, metric: string, split: string): Facts["apart"] {
  const [theirs, mine] = [reference.artifacts, variant.artifacts];
  if (mine.metrics === undefined) return null;
  if (metric === "accuracy") {
    if (mine.metrics.about.accuracy === undefined) return "loss";
  } else if (lossKey(mine, split) !== lossKey(theirs, split)) {
    const parts = lossKey(mine, split, "reconstruction") === lossKey(theirs, split, "reconstruction");
    return parts && divergenceOf(mine)?.form !== divergenceOf(theirs)?.form ? "form" : "loss";
  }
  return itemsKey(mine, split) === itemsKey(theirs, split) ? null : "data";
}

/** Of accuracy, 1 for an item that is classified rightly and 0 for one that is not. */
function itemValues(variant: Variant, metric: string, split: string): Float32Array | null {
  const { predictions, dataset } = variant.artifacts;
  if (predictions?.split !== split) return null;
  const kept = predictions.itemLoss[metric];
  if (kept) return floatValues(kept);
  if (metric !== "accuracy" || labelsOf(dataset, split) === null) return null;
  const items = classifiedItems(variant.artifacts);
  if (isAbsent(items)) return null;
  return Float32Array.from(items.predicted, (c, i) => (c === items.labels[i] ? 1 : 0));
}

function latentQuality(variant: Variant): LatentQuality | null {
  const figure = variant.figures.find((each) => each.kind === "latent-quality");
  if (!figure || figure.data === null || typeof figure.data !== "object" || "absent" in figure.data) return null;
  return upToDate(figure.data as unknown as LatentQuality);
}

/** The difference `a − b` over the items that both have measured; null where those are not the same items. */
export function difference({ metric }: Pick<Comparison, "metric">, a: Facts, b: Facts): PairedDifference | null {
  if (!a.items || !b.items || a.apart !== b.apart || a.sameItems === null || a.sameItems !== b.sameItems) return null;
  return metric === "accuracy" ? pairedShares(a.items, b.items) : pairedDifference(a.items, b.items);
}

export interface BestEpoch {
  readonly value: number;
  readonly epoch: number;
}

/** The best value of a metric at the end of an epoch. */
export function bestEpoch(
  history: History | undefined,
  split: string,
  metric: string,
  info: MetricInfo,
): BestEpoch | null {
  const values = history?.splits[split]?.[metric] ?? [];
  let best: BestEpoch | null = null;
  values.forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) return;
    const better = best === null || (info.better === "higher" ? value > best.value : value < best.value);
    if (better) best = { value, epoch: i + 1 };
  });
  return best;
}

/** A value of the deciding measure, with its unit. */
export function valueText(comparison: Comparison, value: number | null): string {
  const { unit } = comparison.info;
  return `${bareText(comparison, value)}${unit ? ` ${unit}` : ""}`;
}

/** The same where the unit has just been said. */
export function bareText({ metric }: Comparison, value: number | null): string {
  return formatNumber(value, metric === "accuracy" ? "percent" : "plain");
}

/** A difference of the deciding measure, without its sign: of shares in points, which are not per cent. */
export function differenceText({ metric }: Comparison, difference: number): string {
  return metric === "accuracy"
    ? `${(100 * Math.abs(difference)).toFixed(2)} points`
    : formatNumber(Math.abs(difference));
}

/** An interval of differences; the unit once. */
export function intervalText({ metric }: Comparison, { low, high }: Interval): string {
  const bound = (value: number) =>
    metric === "accuracy" ? formatNumber(Number((100 * value).toFixed(2))) : formatNumber(value);
  return `${bound(low)} to ${bound(high)}${metric === "accuracy" ? " points" : ""}`;
}
