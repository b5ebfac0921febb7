import { comparablePoints, daviesBouldin, type LabelledPoints, neighbourhoods } from "./cluster.js";
import { componentRows, principalComponents, project } from "./pca.js";
import { linearProbeCorrect, probedPoints } from "./probe.js";

/** How well points separate the classes. What is null cannot be measured; `why` says why not, by the name of the measure. */
export type Separation = {
  /** Points that were compared with each other. */
  readonly items: number;
  readonly neighborsCorrect: number | null;
  readonly silhouette: number | null;
  readonly daviesBouldin: number | null;
  /** Points that the linear probe was fitted to and tried on. */
  readonly probeItems: number;
  /** Features that it was given: so many principal components, where the points have more dimensions. */
  readonly probeDimensions: number;
  readonly probeCorrect: number | null;
  readonly why: { readonly [measure: string]: string };
};

export type Measure = "neighborsCorrect" | "probeCorrect" | "silhouette" | "daviesBouldin";

/** Of points with more dimensions the probe sees the principal components: its time grows with every one. */
const PROBED_DIMENSIONS = 64;
const FOLDS = 5;

export interface Separable {
  readonly dimensions: number;
  /** Class of every point. */
  readonly labels: ArrayLike<number>;
  /** Coordinates of some points, `[rows.length, dimensions]`. */
  rows(rows: readonly number[]): Float64Array;
}

/**
 * @param chosen so many points at most, evenly spread over all.
 * @param neighbors that vote.
 */
export function separation(all: Separable, chosen: (most: number) => readonly number[], neighbors: number): Separation {
  const items = chosen(comparablePoints(Number.POSITIVE_INFINITY, all.dimensions));
  const labels = items.map((item) => all.labels[item] as number);
  const points: LabelledPoints = { points: all.rows(items), dimensions: all.dimensions, labels };
  const probe = probePoints(all, chosen, 1 + labels.reduce((a, b) => Math.max(a, b), 0));
  const why = troubles(points, probe, neighbors);
  const near = why.silhouette && why.neighborsCorrect ? null : neighbourhoods(points, neighbors);
  const compactness = why.daviesBouldin ? Number.NaN : daviesBouldin(points);
  if (!why.daviesBouldin && !Number.isFinite(compactness)) why.daviesBouldin = "two classes have the same centre";
  return {
    items: items.length,
    neighborsCorrect: why.neighborsCorrect || !near ? null : near.neighboursCorrect,
    silhouette: why.silhouette || !near ? null : near.silhouette,
    daviesBouldin: why.daviesBouldin ? null : compactness,
    probeItems: probe.labels.length,
    probeDimensions: probe.dimensions,
    probeCorrect: why.probeCorrect ? null : linearProbeCorrect(probe),
    why,
  };
}

function probePoints(all: Separable, chosen: (most: number) => readonly number[], classes: number): LabelledPoints {
  const dimensions = Math.min(all.dimensions, PROBED_DIMENSIONS);
  const items = chosen(probedPoints(Number.POSITIVE_INFINITY, dimensions, classes));
  const labels = items.map((item) => all.labels[item] as number);
  const points = all.rows(items);
  if (dimensions === all.dimensions || !points.every(Number.isFinite))
    return { points, dimensions: all.dimensions, labels };
  const few = all.rows(chosen(componentRows(items.length, all.dimensions)));
  const components = principalComponents(few, all.dimensions, dimensions);
  return { points: project(components, points), dimensions, labels };
}

/** Why which measure is none: chance, or an accident of order, would pass for a result. */
function troubles(points: LabelledPoints, probe: LabelledPoints, neighbors: number): { [measure: string]: string } {
  const all = (reason: string) => ({
    neighborsCorrect: reason,
    probeCorrect: reason,
    silhouette: reason,
    daviesBouldin: reason,
  });
  const { labels } = points;
  if (!Array.prototype.every.call(points.points, Number.isFinite)) return all("some codes are no finite numbers");
  const sizes = sizesOf(labels);
  if (sizes.length < 2) return all(sizes.length === 0 ? "there are no items" : "all items are of one class");
  if (collapsed(points)) return all("all codes are the same");
  const folds = sizesOf(probe.labels).filter((size) => size >= FOLDS).length;
  return {
    ...(labels.length <= neighbors && {
      neighborsCorrect: `${neighbors} neighbours need more than ${neighbors} items, and there are ${labels.length}`,
    }),
    ...(folds < 2 && { probeCorrect: `${FOLDS} folds need ${FOLDS} items of two classes at least` }),
    ...(sizes.every((size) => size === 1) && {
      silhouette: "no class has two items",
      daviesBouldin: "no class has two items",
    }),
  };
}

/** Of the classes that occur. */
function sizesOf(labels: ArrayLike<number>): number[] {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sizes.set(labels[i] as number, 1 + (sizes.get(labels[i] as number) ?? 0));
  return [...sizes.values()];
}

/** Whether all points are one, but for the rounding of 32-bit numbers. */
function collapsed({ points, dimensions }: LabelledPoints): boolean {
  for (let k = 0; k < points.length; k++) {
    const [first, value] = [points[k % dimensions] as number, points[k] as number];
    if (Math.abs(value - first) > 1e-6 * Math.abs(first)) return false;
  }
  return true;
}
