import type { LatentQuality } from "../charts/latent-quality.js";
import { formatNumber, listed } from "../format.js";
import { proportionDifference } from "../math/stats.js";
import { bareText, type Comparison, difference, differenceText, type Facts } from "./facts.js";

export interface Reasons {
  readonly inFavour: readonly string[];
  readonly against: readonly string[];
  /** Measured, and speaking for neither. */
  readonly level: readonly string[];
}

/** What else speaks for and against the chosen variant, beside another: one sentence each, none without numbers. */
export function reasons(comparison: Comparison, chosen: Facts, other: Facts): Reasons {
  const points = [
    ...training(comparison, chosen, other),
    ...reconstruction(comparison, chosen, other),
    ...clusters(chosen, other),
    ...cost(chosen, other),
  ];
  const of = (speaksFor: Point["speaksFor"]) =>
    points.filter((point) => point.speaksFor === speaksFor).map(({ sentence }) => sentence);
  return { inFavour: of("chosen"), against: of("other"), level: of("neither") };
}

interface Point {
  readonly sentence: string;
  readonly speaksFor: "chosen" | "other" | "neither";
}

/**
 * How far the chosen items alone may move the deciding difference. A difference of another measure on the same scale
 * that is smaller is no reason for anything.
 */
function noise(comparison: Comparison, chosen: Facts, other: Facts): number {
  const paired = difference(comparison, chosen, other);
  return paired === null ? 0 : (paired.interval.high - paired.interval.low) / 2;
}

function training(comparison: Comparison, chosen: Facts, other: Facts): Point[] {
  const { info, split } = comparison;
  if (chosen.train === null || other.train === null || chosen.value === null || other.value === null) return [];
  const points: Point[] = [];
  const sign = info.better === "higher" ? -1 : 1;
  const delta = chosen.train - other.train;
  if (Math.abs(delta) > noise(comparison, chosen, other)) {
    const [mine, theirs] = [bareText(comparison, chosen.train), bareText(comparison, other.train)];
    const direction = delta < 0 ? "lower" : "higher";
    points.push({
      speaksFor: sign * delta < 0 ? "chosen" : "other",
      sentence: `${info.label} on the training data is ${differenceText(comparison, delta)} ${direction} (${mine} against ${theirs}).`,
    });
  }
  const [gap, otherGap] = [chosen, other].map((each) => sign * ((each.value as number) - (each.train as number)));
  // A gap is mentioned only where it is a visible share of the difference that decides.
  if (
    (gap as number) > Math.max(0, otherGap as number) + 0.1 * Math.abs(chosen.value - other.value) &&
    chosen.value !== other.value
  ) {
    const than = `${differenceText(comparison, otherGap as number)} ${(otherGap as number) < 0 ? "better" : "worse"}`;
    points.push({
      speaksFor: "other",
      sentence: `It fits the training data more than it generalizes: ${differenceText(comparison, gap as number)} worse on ${split} than on train, where ${other.variant.look.name} is ${than}.`,
    });
  }
  return points;
}

/** The part of the loss that can be seen in pictures. */
function reconstruction(comparison: Comparison, chosen: Facts, other: Facts): Point[] {
  const { split, metric } = comparison;
  const [mine, theirs] = [chosen, other].map((each) => each.variant.artifacts.metrics?.splits[split]?.reconstruction);
  if (metric !== "loss" || mine === undefined || theirs === undefined) return [];
  if (Math.abs(mine - theirs) <= noise(comparison, chosen, other)) return [];
  const label = chosen.variant.artifacts.metrics?.about.reconstruction?.label ?? "Reconstruction error";
  const sentence = `${label} on the ${split} data is ${changed(mine, theirs)}.`;
  return [{ speaksFor: mine < theirs ? "chosen" : "other", sentence }];
}

function changed(mine: number, theirs: number): string {
  const direction = mine < theirs ? "lower" : "higher";
  return `${formatNumber(Math.abs(mine - theirs))} ${direction} (${formatNumber(mine)} against ${formatNumber(theirs)})`;
}

function clusters(chosen: Facts, other: Facts): Point[] {
  if (!chosen.clusters || !other.clusters) return [];
  const measures = clusterMeasures(chosen.clusters, other.clusters);
  const count = (which: ClusterMeasure["better"]) => measures.filter((each) => each.better === which).length;
  const [better, worse, level] = [count("chosen"), count("other"), count("neither")];
  if (better + worse === 0) return [];
  const numbers = listed(measures.map((each) => `${each.label} ${each.mine} against ${each.theirs}`));
  const favours = (n: number, { variant }: Facts) =>
    n === 0 ? [] : [`${n}${n === 1 ? " favours" : " favour"} ${variant.look.name}`];
  const rest = level === 0 ? [] : [`${level} ${level === 1 ? "is" : "are"} level`];
  const shares = listed([...favours(better, chosen), ...favours(worse, other), ...rest]);
  const all = level === 0 && (better === 0 || worse === 0);
  const votes = all ? `all ${measures.length} measures agree` : `of ${measures.length} measures ${shares}`;
  if (better > 0 && worse > 0) {
    const sentence = `The classes are not clearly better separated in either latent space: ${votes} (${numbers}).`;
    return [{ speaksFor: "neither", sentence }];
  }
  const direction = better > 0 ? "better" : "worse";
  const sentence = `The classes are ${direction} separated in the latent space: ${votes} (${numbers}).`;
  return [{ speaksFor: better > 0 ? "chosen" : "other", sentence }];
}

interface ClusterMeasure {
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
  readonly better: "chosen" | "other" | "neither";
}

function clusterMeasures(mine: LatentQuality, theirs: LatentQuality): ClusterMeasure[] {
  const share = (
    label: string,
    key: "neighborsCorrect" | "probeCorrect",
    items: "items" | "probeItems",
  ): ClusterMeasure[] => {
    if (mine[key] === null || theirs[key] === null) return [];
    const [a, b] = [
      { k: mine[key], n: mine[items] },
      { k: theirs[key], n: theirs[items] },
    ];
    const interval = proportionDifference(a, b);
    const better = interval.low > 0 ? "chosen" : interval.high < 0 ? "other" : "neither";
    return [{ label, mine: formatNumber(a.k / a.n, "percent"), theirs: formatNumber(b.k / b.n, "percent"), better }];
  };
  // Indices have no interval: those that read the same are level.
  const index = (label: string, a: number | null, b: number | null, higher: boolean): ClusterMeasure[] => {
    if (a === null || b === null) return [];
    const [own, their] = [formatNumber(a, "fixed"), formatNumber(b, "fixed")];
    const better = own === their ? "neither" : a > b === higher ? "chosen" : "other";
    return [{ label, mine: own, theirs: their, better }];
  };
  return [
    ...share("nearest neighbours", "neighborsCorrect", "items"),
    ...share("linear probe", "probeCorrect", "probeItems"),
    ...index("silhouette", mine.silhouette, theirs.silhouette, true),
    ...index("Davies-Bouldin", mine.daviesBouldin, theirs.daviesBouldin, false),
  ];
}

/** Whether a number of parameters or operations is more than another by enough to count: a twentieth. */
export function costsMore(a: number, b: number): boolean {
  return a > 1.05 * b;
}

/** One sentence where all costs point one way, else one for each way. */
function cost(chosen: Facts, other: Facts): Point[] {
  const costs = [
    { verb: "has", what: "parameters", mine: chosen.parameters, theirs: other.parameters },
    { verb: "takes", what: "multiply-adds an item", mine: chosen.multiplyAdds, theirs: other.multiplyAdds },
  ];
  const clauses = { more: [] as string[], less: [] as string[] };
  for (const { verb, what, mine, theirs } of costs) {
    if (mine === null || theirs === null) continue;
    const numbers = `(${formatNumber(mine, "integer")} against ${formatNumber(theirs, "integer")})`;
    if (costsMore(mine, theirs)) clauses.more.push(`${verb} ${times(mine, theirs)} times the ${what} ${numbers}`);
    if (costsMore(theirs, mine)) clauses.less.push(`${verb} ${times(theirs, mine)} times fewer ${what} ${numbers}`);
  }
  const [mine, theirs] = [chosen.trainingMs, other.trainingMs];
  if (mine !== null && theirs !== null) {
    const numbers = `(${formatNumber(mine / 1000)} s against ${formatNumber(theirs / 1000)} s)`;
    if (costsMore(mine, theirs)) clauses.more.push(`trains ${times(mine, theirs)} times as long ${numbers}`);
    if (costsMore(theirs, mine)) clauses.less.push(`trains ${times(theirs, mine)} times faster ${numbers}`);
  }
  const points: Point[] = [];
  if (clauses.less.length > 0) points.push({ speaksFor: "chosen", sentence: `It ${listed(clauses.less)}.` });
  if (clauses.more.length > 0) points.push({ speaksFor: "other", sentence: `It ${listed(clauses.more)}.` });
  return points;
}

function times(more: number, fewer: number): string {
  return formatNumber(more / Math.max(1, fewer));
}
