import type { LatentQuality } from "../charts/latent-quality.js";
import { formatNumber, listed } from "../format.js";
import { proportionDifference } from "../math/stats.js";
import { bareText, type Comparison, differenceText, type Facts } from "./facts.js";

export interface Reasons {
  readonly inFavour: readonly string[];
  readonly against: readonly string[];
}

/** What else speaks for and against the chosen variant, beside another: one sentence each, none without numbers. */
export function reasons(comparison: Comparison, chosen: Facts, other: Facts): Reasons {
  const sides = { favour: [] as string[], against: [] as string[] };
  for (const { sentence, speaksFor } of [
    ...training(comparison, chosen, other),
    ...parts(comparison, chosen, other),
    ...clusters(chosen, other),
    ...cost(chosen, other),
  ]) {
    sides[speaksFor ? "favour" : "against"].push(sentence);
  }
  return { inFavour: sides.favour, against: sides.against };
}

interface Point {
  readonly sentence: string;
  readonly speaksFor: boolean;
}

function training(comparison: Comparison, chosen: Facts, other: Facts): Point[] {
  const { info, split } = comparison;
  if (chosen.train === null || other.train === null || chosen.value === null || other.value === null) return [];
  const points: Point[] = [];
  const sign = info.better === "higher" ? -1 : 1;
  const delta = chosen.train - other.train;
  if (delta !== 0) {
    const [mine, theirs] = [bareText(comparison, chosen.train), bareText(comparison, other.train)];
    const direction = delta < 0 ? "lower" : "higher";
    points.push({
      speaksFor: sign * delta < 0,
      sentence: `${info.label} on the training data is ${differenceText(comparison, delta)} ${direction} (${mine} against ${theirs}).`,
    });
  }
  const [gap, otherGap] = [chosen, other].map((each) => sign * ((each.value as number) - (each.train as number)));
  // A gap is worth a word only where it is a visible share of the difference that decides.
  if (
    (gap as number) > Math.max(0, otherGap as number) + 0.1 * Math.abs(chosen.value - other.value) &&
    chosen.value !== other.value
  ) {
    const than = `${differenceText(comparison, otherGap as number)} ${(otherGap as number) < 0 ? "better" : "worse"}`;
    points.push({
      speaksFor: false,
      sentence: `It fits the training data more than it generalizes: ${differenceText(comparison, gap as number)} worse on ${split} than on train, where ${other.variant.look.name} is ${than}.`,
    });
  }
  return points;
}

/** The parts of the loss: reconstruction and KL divergence. */
function parts({ split, metric }: Comparison, chosen: Facts, other: Facts): Point[] {
  const points: Point[] = [];
  for (const part of ["reconstruction"]) {
    const [mine, theirs] = [chosen, other].map((each) => each.variant.artifacts.metrics?.splits[split]?.[part]);
    if (part === metric || mine === undefined || theirs === undefined || mine === theirs) continue;
    const label = chosen.variant.artifacts.metrics?.about[part]?.label ?? part;
    const better = mine < theirs;
    points.push({ speaksFor: better, sentence: `${label} on the ${split} data is ${changed(mine, theirs)}.` });
  }
  return points;
}

function changed(mine: number, theirs: number): string {
  const direction = mine < theirs ? "lower" : "higher";
  return `${formatNumber(Math.abs(mine - theirs))} ${direction} (${formatNumber(mine)} against ${formatNumber(theirs)})`;
}

function clusters(chosen: Facts, other: Facts): Point[] {
  if (!chosen.clusters || !other.clusters) return [];
  const measures = clusterMeasures(chosen.clusters, other.clusters);
  const better = measures.filter((each) => each.better === "chosen").length;
  const worse = measures.filter((each) => each.better === "other").length;
  if (better + worse === 0) return [];
  const numbers = listed(measures.map((each) => `${each.label} ${each.mine} against ${each.theirs}`));
  const count = `${Math.max(better, worse)} of ${measures.length} measures`;
  if (better > 0 && worse > 0) {
    return [
      {
        speaksFor: better > worse,
        sentence: `The classes are not clearly better separated in either latent space: ${better} of ${measures.length} measures favour ${chosen.variant.look.name}, ${worse} ${other.variant.look.name} (${numbers}).`,
      },
    ];
  }
  const all = Math.max(better, worse) === measures.length ? `all ${measures.length} measures agree` : count;
  const direction = better > 0 ? "better" : "worse";
  return [
    {
      speaksFor: better > 0,
      sentence: `The classes are ${direction} separated in the latent space: ${all} (${numbers}).`,
    },
  ];
}

interface ClusterMeasure {
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
  readonly better: "chosen" | "other" | "neither";
}

function clusterMeasures(mine: LatentQuality, theirs: LatentQuality): ClusterMeasure[] {
  const share = (label: string, key: "neighborsCorrect" | "probeCorrect"): ClusterMeasure => {
    const [a, b] = [
      { k: mine[key], n: mine.items },
      { k: theirs[key], n: theirs.items },
    ];
    const interval = proportionDifference(a, b);
    return {
      label,
      mine: formatNumber(a.k / a.n, "percent"),
      theirs: formatNumber(b.k / b.n, "percent"),
      better: interval.low > 0 ? "chosen" : interval.high < 0 ? "other" : "neither",
    };
  };
  const index = (label: string, a: number | null, b: number | null, higher: boolean): ClusterMeasure[] =>
    a === null || b === null
      ? []
      : [
          {
            label,
            mine: formatNumber(a, "fixed"),
            theirs: formatNumber(b, "fixed"),
            better: a === b ? "neither" : a > b === higher ? "chosen" : "other",
          },
        ];
  return [
    share("nearest neighbours", "neighborsCorrect"),
    share("linear probe", "probeCorrect"),
    ...index("silhouette", mine.silhouette, theirs.silhouette, true),
    ...index("Davies-Bouldin", mine.daviesBouldin, theirs.daviesBouldin, false),
  ];
}

function cost(chosen: Facts, other: Facts): Point[] {
  const [mine, theirs] = [chosen.parameters, other.parameters];
  if (mine === null || theirs === null || mine === theirs) return [];
  const [more, fewer] = [Math.max(mine, theirs), Math.min(mine, theirs)];
  const ratio = formatNumber(more / Math.max(1, fewer));
  const counts = `${formatNumber(mine, "integer")} against ${formatNumber(theirs, "integer")}`;
  const sentence =
    mine > theirs
      ? `It has ${ratio} times the parameters (${counts}).`
      : `It has fewer parameters (${counts}, a ${ratio}th).`;
  return [{ speaksFor: mine < theirs, sentence: sentence.replace(/, a [\d.]+th/, `; ${ratio} times fewer`) }];
}
