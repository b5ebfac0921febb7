import { cumulativeNormal } from "vega-statistics";

/** The 0.975 quantile of the standard normal distribution: 95 % intervals reach this many standard errors. */
const Z95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** The sample variance, divided by n − 1. */
export function variance(values: ArrayLike<number>): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - center) ** 2;
  return sum / (values.length - 1);
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan). `sorted` is ascending. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

export interface PairedDifference {
  readonly items: number;
  /** Mean of `a[i] − b[i]`. */
  readonly mean: number;
  readonly interval: Interval;
  /** How many items are lower in `a`. */
  readonly lower: number;
  /** How many are equal. */
  readonly equal: number;
  /** Two-sided probability of a difference like this, or larger, between equals. */
  readonly p: number;
  /** False where chance may have made the difference: on these items the two do not differ significantly. */
  readonly distinguishable: boolean;
}

/**
 * Mean difference of two measurements of the same items, with its 95 % interval (normal approximation; the
 * pairing removes what makes items hard for all models). The interval covers the choice of items, not of seeds.
 * Null for fewer than two items or where a value is not finite.
 */
export function pairedDifference(a: ArrayLike<number>, b: ArrayLike<number>): PairedDifference | null {
  if (a.length !== b.length || a.length < 2) return null;
  const differences = Float64Array.from({ length: a.length }, (_, i) => (a[i] as number) - (b[i] as number));
  const center = mean(differences);
  if (!Number.isFinite(center)) return null;
  const error = Math.sqrt(variance(differences) / differences.length);
  const interval = { low: center - Z95 * error, high: center + Z95 * error };
  return {
    items: differences.length,
    mean: center,
    interval,
    lower: differences.filter((d) => d < 0).length,
    equal: differences.filter((d) => d === 0).length,
    p: center === 0 ? 1 : error === 0 ? 0 : 2 * cumulativeNormal(-Math.abs(center) / error),
    distinguishable: center !== 0 && (interval.low > 0 || interval.high < 0),
  };
}

/**
 * The same for answers that are right (1) or wrong (0): the interval is Newcombe's for pairs (1998, method 10), and
 * McNemar's exact test says whether the two differ significantly. Near the border the two may disagree; the test decides.
 */
export function pairedShares(a: ArrayLike<number>, b: ArrayLike<number>): PairedDifference | null {
  if (a.length !== b.length || a.length < 2) return null;
  let [both, onlyA, onlyB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 1 && b[i] === 1) both++;
    else if (a[i] === 1) onlyA++;
    else if (b[i] === 1) onlyB++;
  }
  const p = mcnemar(onlyA, onlyB);
  return {
    items: a.length,
    mean: (onlyA - onlyB) / a.length,
    interval: pairedInterval(both, onlyA, onlyB, a.length - both - onlyA - onlyB),
    lower: onlyB,
    equal: a.length - onlyA - onlyB,
    p,
    distinguishable: p < 0.05,
  };
}

/** 95 % interval of the difference of two shares of the same items, from the four counts of pairs. */
export function pairedInterval(both: number, onlyA: number, onlyB: number, neither: number): Interval {
  const n = both + onlyA + onlyB + neither;
  const [ka, kb] = [both + onlyA, both + onlyB];
  const [wa, wb] = [wilson(ka, n), wilson(kb, n)];
  const product = both * neither - onlyA * onlyB;
  const spread = Math.sqrt(ka * (n - ka) * kb * (n - kb));
  // A positive correlation is taken smaller by the continuity correction, a negative one as it is.
  const correlation = spread === 0 ? 0 : (product > 0 ? Math.max(0, product - n / 2) : product) / spread;
  const joined = (x: number, y: number) => Math.sqrt(x * x - 2 * correlation * x * y + y * y);
  const [pa, pb] = [ka / n, kb / n];
  return {
    low: pa - pb - joined(pa - wa.low, wb.high - pb),
    high: pa - pb + joined(wa.high - pa, pb - wb.low),
  };
}

/**
 * Holm's step-down test (1979): of several comparisons, those that stay distinguishable when the chance of any false one
 * among all of them is 5 %.
 */
export function holm(values: readonly number[]): boolean[] {
  const order = values.map((_, i) => i).sort((i, k) => (values[i] as number) - (values[k] as number));
  const kept = order.findIndex((i, rank) => !((values[i] as number) < 0.05 / (values.length - rank)));
  const chosen = new Set(kept === -1 ? order : order.slice(0, kept));
  return values.map((_, i) => chosen.has(i));
}

/** 95 % score interval of a proportion (Wilson 1927): right for small counts and near 0 and 1. */
export function wilson(successes: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const p = successes / n;
  const z2 = Z95 ** 2;
  const center = (p + z2 / (2 * n)) / (1 + z2 / n);
  const reach = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, center - reach), high: Math.min(1, center + reach) };
}

/**
 * 95 % interval of the difference of two proportions from their Wilson intervals (Newcombe 1998, method 10). For
 * proportions of the same items it is wider than a paired interval would be.
 */
export function proportionDifference(a: { k: number; n: number }, b: { k: number; n: number }): Interval {
  const [pa, pb] = [a.k / a.n, b.k / b.n];
  const [wa, wb] = [wilson(a.k, a.n), wilson(b.k, b.n)];
  const d = pa - pb;
  return {
    low: d - Math.sqrt((pa - wa.low) ** 2 + (wb.high - pb) ** 2),
    high: d + Math.sqrt((wa.high - pa) ** 2 + (pb - wb.low) ** 2),
  };
}

/**
 * McNemar's exact test: of the items that only one of two classifiers gets right, is one's share more than chance?
 * @returns the two-sided p-value of a fair coin that gave `onlyA` heads and `onlyB` tails.
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  if (n === 0) return 1;
  const k = Math.min(onlyA, onlyB);
  // log C(n, i) is built up term by term; sums of thousands of items would overflow otherwise.
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
}

export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Counts in `bins` equal steps from `low` to `high`, which belongs to the last step; values outside are left out. */
export function histogram(values: ArrayLike<number>, low: number, high: number, bins: number): Histogram {
  const counts = new Array<number>(bins).fill(0);
  const step = (high - low) / bins || 1;
  // From both ends, so that the middle of a range around zero is zero, not a rounding error.
  const edges = Array.from({ length: bins + 1 }, (_, i) => (low * (bins - i) + high * i) / bins);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(value >= low && value <= high)) continue;
    let bin = Math.min(bins - 1, Math.floor((value - low) / step));
    if (value < (edges[bin] as number)) bin--;
    else if (bin < bins - 1 && value >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges, counts };
}
