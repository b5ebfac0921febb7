/** Points in rows: `points[i × dimensions + d]`, with one class index a point. */
export interface LabelledPoints {
  readonly points: ArrayLike<number>;
  readonly dimensions: number;
  readonly labels: ArrayLike<number>;
}

/**
 * Mean silhouette over all points (Rousseeuw 1987): (b − a) / max(a, b), where a is a point's mean Euclidean distance
 * to its own class and b the smallest mean distance to another. 1 is perfectly apart, 0 overlapping, negative
 * wrongly mixed. Points alone in their class count 0. NaN for fewer than two classes. O(n²).
 */
export function silhouette({ points, dimensions, labels }: LabelledPoints): number {
  const n = labels.length;
  const classes = classSizes(labels);
  if (classes.filter((size) => size > 0).length < 2) return Number.NaN;
  const distance = rowDistance(points, dimensions);
  const sums = new Float64Array(classes.length);
  let total = 0;
  for (let i = 0; i < n; i++) {
    sums.fill(0);
    for (let j = 0; j < n; j++) sums[labels[j] as number]! += distance(i, j);
    const own = labels[i] as number;
    if ((classes[own] as number) === 1) continue;
    const a = (sums[own] as number) / ((classes[own] as number) - 1);
    let b = Number.POSITIVE_INFINITY;
    for (let c = 0; c < classes.length; c++) {
      if (c !== own && (classes[c] as number) > 0) b = Math.min(b, (sums[c] as number) / (classes[c] as number));
    }
    const larger = Math.max(a, b);
    if (larger > 0) total += (b - a) / larger;
  }
  return total / n;
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

/**
 * Leave-one-out accuracy of k nearest neighbours (Euclidean, majority vote; of a tie the class of the nearest tied
 * neighbour wins). Brute force: for ten thousand points in a few dimensions that is a second, and exact.
 * @returns how many of the points are classified rightly.
 */
export function nearestNeighboursCorrect({ points, dimensions, labels }: LabelledPoints, k: number): number {
  const n = labels.length;
  const neighbours = Math.min(k, n - 1);
  const nearest = new Float64Array(neighbours);
  const classOf = new Int32Array(neighbours);
  const votes = new Int32Array(classSizes(labels).length);
  const distance = rowDistance(points, dimensions);
  let correct = 0;
  for (let i = 0; i < n; i++) {
    let held = 0;
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const d = distance(i, j);
      if (held === neighbours && d >= (nearest[held - 1] as number)) continue;
      // Insertion into a short sorted list: almost always near its end.
      let at = held < neighbours ? held++ : held - 1;
      while (at > 0 && (nearest[at - 1] as number) > d) {
        nearest[at] = nearest[at - 1] as number;
        classOf[at] = classOf[at - 1] as number;
        at--;
      }
      nearest[at] = d;
      classOf[at] = labels[j] as number;
    }
    votes.fill(0);
    for (let v = 0; v < held; v++) votes[classOf[v] as number]!++;
    let winner = classOf[0] as number;
    for (let v = 0; v < held; v++) {
      const c = classOf[v] as number;
      if ((votes[c] as number) > (votes[winner] as number)) winner = c;
    }
    if (winner === labels[i]) correct++;
  }
  return correct;
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
