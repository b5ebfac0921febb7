/** Points in rows: `points[i × dimensions + d]`, with one class index a point. */
export interface LabelledPoints {
  readonly points: ArrayLike<number>;
  readonly dimensions: number;
  readonly labels: ArrayLike<number>;
}

export interface Neighbourhoods {
  /**
   * Mean silhouette over all points (Rousseeuw 1987): (b − a) / max(a, b), where a is a point's mean Euclidean distance
   * to its own class and b the smallest mean distance to another. 1 is perfectly apart, 0 overlapping, negative
   * wrongly mixed. Points alone in their class count 0. NaN for fewer than two classes.
   */
  readonly silhouette: number;
  /**
   * How many points leave-one-out classification by their k nearest neighbours gets right (Euclidean, majority vote; of a tie
   * the class of the nearest tied neighbour wins).
   */
  readonly neighboursCorrect: number;
}

/** Products of two numbers that comparing all pairs of points may cost: less than a second. */
const WORK = 5e8;
/** What a pair costs besides the distance, in such products. */
const PAIR = 6;

/** So many points can be compared with each other in the time that they may take. */
export function comparablePoints(items: number, dimensions: number): number {
  return Math.min(items, Math.floor(Math.sqrt((2 * WORK) / (dimensions + PAIR))));
}

/** What the distances of all pairs say, each worked out once: O(n²). */
export function neighbourhoods({ points, dimensions, labels }: LabelledPoints, k: number): Neighbourhoods {
  const n = labels.length;
  const classes = classSizes(labels);
  const distance = rowDistance(points, dimensions);
  const sums = new Float64Array(n * classes.length);
  const nearest = new NearestLabels(n, Math.min(k, n - 1));
  for (let i = 0; i < n; i++) {
    const own = labels[i] as number;
    for (let j = i + 1; j < n; j++) {
      const d = distance(i, j);
      const other = labels[j] as number;
      sums[i * classes.length + other]! += d;
      sums[j * classes.length + own]! += d;
      nearest.offer(i, d, other);
      nearest.offer(j, d, own);
    }
  }
  return {
    silhouette: meanSilhouette(sums, labels, classes),
    neighboursCorrect: nearest.countRight(labels, classes.length),
  };
}

/** @param sums `[points, classes]`: of the distances from a point to all of a class. */
function meanSilhouette(sums: Float64Array, labels: ArrayLike<number>, classes: readonly number[]): number {
  if (classes.filter((size) => size > 0).length < 2) return Number.NaN;
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = labels[i] as number;
    if ((classes[own] as number) === 1) continue;
    const at = i * classes.length;
    const a = (sums[at + own] as number) / ((classes[own] as number) - 1);
    let b = Number.POSITIVE_INFINITY;
    for (let c = 0; c < classes.length; c++) {
      if (c !== own && (classes[c] as number) > 0) b = Math.min(b, (sums[at + c] as number) / (classes[c] as number));
    }
    const larger = Math.max(a, b);
    if (larger > 0) total += (b - a) / larger;
  }
  return total / labels.length;
}

/** The nearest few of every point, kept in order. */
class NearestLabels {
  readonly #size: number;
  readonly #held: Int32Array;
  readonly #distances: Float64Array;
  readonly #labels: Int32Array;

  constructor(points: number, size: number) {
    this.#size = size;
    this.#held = new Int32Array(points);
    this.#distances = new Float64Array(points * size);
    this.#labels = new Int32Array(points * size);
  }

  /** Of equally near ones the first that is offered stays in front. */
  offer(point: number, distance: number, label: number): void {
    const first = point * this.#size;
    const held = this.#held[point] as number;
    const full = held === this.#size;
    if (full && (held === 0 || distance >= (this.#distances[first + held - 1] as number))) return;
    // Insertion into a short sorted list: almost always near its end.
    let at = first + (full ? held - 1 : held);
    if (!full) this.#held[point] = held + 1;
    while (at > first && (this.#distances[at - 1] as number) > distance) {
      this.#distances[at] = this.#distances[at - 1] as number;
      this.#labels[at] = this.#labels[at - 1] as number;
      at--;
    }
    this.#distances[at] = distance;
    this.#labels[at] = label;
  }

  countRight(labels: ArrayLike<number>, classes: number): number {
    let right = 0;
    const votes = new Int32Array(classes);
    for (let i = 0; i < labels.length; i++) {
      const own = this.#labels.subarray(i * this.#size, i * this.#size + (this.#held[i] as number));
      votes.fill(0);
      for (const c of own) votes[c]!++;
      let winner = own[0] ?? -1;
      for (const c of own) if ((votes[c] as number) > (votes[winner] as number)) winner = c;
      if (winner === labels[i]) right++;
    }
    return right;
  }
}

/**
 * Davies-Bouldin index (1979): the mean over classes of the worst ratio of two classes' spreads (mean distance to the
 * centroid) to the distance of their centroids. 0 is best; lower is better apart. NaN for fewer than two classes.
 */
export function daviesBouldin({ points, dimensions, labels }: LabelledPoints): number {
  const { means, sizes } = classMeans({ points, dimensions, labels });
  const present = sizes.flatMap((size, c) => (size > 0 ? [c] : []));
  if (present.length < 2) return Number.NaN;
  const spread = new Float64Array(sizes.length);
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i] as number;
    spread[c]! += euclidean(points, i * dimensions, means, c * dimensions, dimensions) / (sizes[c] as number);
  }
  let total = 0;
  for (const c of present) {
    let worst = 0;
    for (const other of present) {
      if (other === c) continue;
      const apart = euclidean(means, c * dimensions, means, other * dimensions, dimensions);
      worst = Math.max(worst, ((spread[c] as number) + (spread[other] as number)) / apart);
    }
    total += worst;
  }
  return total / present.length;
}

/** The mean of every class, `means[class × dimensions + d]`, and how many points it has. */
export function classMeans({ points, dimensions, labels }: LabelledPoints): {
  readonly means: Float64Array;
  readonly sizes: readonly number[];
} {
  const sizes = classSizes(labels);
  const means = new Float64Array(sizes.length * dimensions);
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i] as number;
    for (let d = 0; d < dimensions; d++) {
      means[c * dimensions + d]! += (points[i * dimensions + d] as number) / (sizes[c] as number);
    }
  }
  return { means, sizes };
}

function classSizes(labels: ArrayLike<number>): number[] {
  const sizes: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i] as number;
    while (sizes.length <= c) sizes.push(0);
    sizes[c] = (sizes[c] as number) + 1;
  }
  return sizes;
}

/** The plane is the common case and worth its own loop: it halves the time of the quadratic measures. */
function rowDistance(points: ArrayLike<number>, dimensions: number): (i: number, j: number) => number {
  if (dimensions === 2) {
    return (i, j) => {
      const dx = (points[2 * i] as number) - (points[2 * j] as number);
      const dy = (points[2 * i + 1] as number) - (points[2 * j + 1] as number);
      return Math.sqrt(dx * dx + dy * dy);
    };
  }
  return (i, j) => euclidean(points, i * dimensions, points, j * dimensions, dimensions);
}

function euclidean(a: ArrayLike<number>, fromA: number, b: ArrayLike<number>, fromB: number, n: number): number {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += ((a[fromA + d] as number) - (b[fromB + d] as number)) ** 2;
  return Math.sqrt(sum);
}
