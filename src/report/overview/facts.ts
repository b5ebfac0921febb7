import { floatValues, storedValues } from "../../artifact/tensor.js";
import type { History, MetricInfo } from "../../artifact/types.js";
import type { LatentQuality } from "../charts/latent-quality.js";
import { formatNumber } from "../format.js";
import type { Variant } from "../gather.js";
import { predictedClasses } from "../math/classify.js";
import { multiplyAdds } from "../math/cost.js";
import { type Interval, type PairedDifference, pairedDifference } from "../math/stats.js";

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
  readonly clusters: LatentQuality | null;
}

/** The measure that decides, and the variants measured by it. */
export interface Comparison {
  readonly metric: string;
  readonly split: string;
  readonly info: MetricInfo;
  readonly facts: readonly Facts[];
  readonly baseline: Facts | null;
  /** Those with a value, best first; equals in the order of the report. */
  readonly ranked: readonly Facts[];
}

/** Accuracy decides where there is one, else the loss; on the test split where there is one. Null without any metrics. */
export function compare(variants: readonly Variant[]): Comparison | null {
  const metrics = variants.flatMap((variant) => variant.artifacts.metrics ?? []);
  const [first] = metrics;
  if (first === undefined) return null;
  const metric = metrics.every((each) => each.about.accuracy !== undefined) ? "accuracy" : "loss";
  const splits = Object.keys(first.splits);
  const split = splits.includes("test") ? "test" : (splits.at(-1) ?? "test");
  const info = metricInfo(variants, metric);
  const facts = variants.map((variant) => factsOf(variant, metric, split));
  const sign = info.better === "higher" ? -1 : 1;
  const ranked = facts
    .filter((each) => each.value !== null && Number.isFinite(each.value))
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

function factsOf(variant: Variant, metric: string, split: string): Facts {
  const { metrics, model } = variant.artifacts;
  return {
    variant,
    value: metrics?.splits[split]?.[metric] ?? null,
    train: split === "train" ? null : (metrics?.splits.train?.[metric] ?? null),
    items: itemValues(variant, metric, split),
    parameters: model?.parameters ?? null,
    multiplyAdds: model ? multiplyAdds(model) : null,
    clusters: latentQuality(variant),
  };
}

/** Of accuracy, 1 for an item that is classified rightly and 0 for one that is not. */
function itemValues(variant: Variant, metric: string, split: string): Float32Array | null {
  const { predictions, dataset } = variant.artifacts;
  if (predictions?.split !== split) return null;
  const kept = predictions.itemLoss[metric];
  if (kept) return floatValues(kept);
  const labels = dataset?.splits[split]?.y;
  const { probabilities } = predictions;
  if (metric !== "accuracy" || !labels || !probabilities) return null;
  const truth = storedValues(labels);
  const classes = probabilities.shape[1] as number;
  const called = predictedClasses({ probabilities: storedValues(probabilities), classes, labels: truth });
  return Float32Array.from(called, (c, i) => (c === truth[i] ? 1 : 0));
}

function latentQuality(variant: Variant): LatentQuality | null {
  const figure = variant.figures.find((each) => each.kind === "latent-quality");
  if (!figure || figure.data === null || typeof figure.data !== "object" || "absent" in figure.data) return null;
  return figure.data as unknown as LatentQuality;
}

/** The difference `a − b` over the items that both have measured. */
export function difference(a: Facts, b: Facts): PairedDifference | null {
  return a.items && b.items ? pairedDifference(a.items, b.items) : null;
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
