import type { LabelledPoints } from "./cluster.js";
import { largestEigenpairs, type SymmetricMatrix } from "./eigen.js";
import { minimize } from "./minimize.js";

const FOLDS = 5;
const SEARCH = { tolerance: 1e-5, iterations: 100 };

/** Products of two numbers that one look at all points may cost; some two hundred looks are needed. */
const WORK = 1.4e6;

/** So many points can be probed in the time that it may take: about a second. */
export function probedPoints(items: number, dimensions: number, classes: number): number {
  return Math.min(items, Math.floor(WORK / (2 * classes * (dimensions + 1))));
}

/**
 * Linear probe: five-fold cross-validated accuracy of multinomial logistic regression. In each fold features are standardized
 * and weights fitted, from zero, on the other four alone; the penalty is scikit-learn's default, ½‖w‖² beside the sum of
 * the cross-entropies, biases left out. Folds are taken in turn within each class, so they are stratified and need no randomness.
 * @returns how many of the points are classified rightly by the model that has not seen them.
 */
export function linearProbeCorrect(data: LabelledPoints): number {
  const classes = 1 + maximum(data.labels);
  const fold = stratifiedFolds(data.labels, classes);
  const all = Array.from({ length: data.labels.length }, (_, i) => i);
  let correct = 0;
  for (let held = 0; held < FOLDS; held++) {
    const [train, test] = [all.filter((i) => fold[i] !== held), all.filter((i) => fold[i] === held)];
    const view = viewOf(data, train);
    const weights = fitted(seen(data, train, view), view, classes);
    const unseen = seen(data, test, view);
    test.forEach((item, i) => {
      if (predict(weights, unseen, i, classes) === data.labels[item]) correct++;
    });
  }
  return correct;
}

interface Rows {
  /** `[rows, width]`, with a constant 1 behind the features. */
  readonly features: Float64Array;
  readonly labels: Int32Array;
  readonly width: number;
}

/** `[classes, width]`, the biases last. */
function fitted(rows: Rows, { penalties }: View, classes: number): Float64Array {
  const { features, labels, width } = rows;
  const n = labels.length;
  const scores = new Float64Array(classes);
  return minimize(
    (weights, gradient) => {
      let loss = 0;
      gradient.fill(0);
      for (let i = 0; i < n; i++) {
        const label = labels[i] as number;
        const log = softmax(weights, features, i * width, width, scores);
        loss += log - (scores[label] as number);
        for (let c = 0; c < classes; c++) {
          const error = (Math.exp((scores[c] as number) - log) - (c === label ? 1 : 0)) / n;
          for (let d = 0, at = c * width, x = i * width; d < width; d++, at++, x++) {
            gradient[at]! += error * (features[x] as number);
          }
        }
      }
      return loss / n + penalty(weights, gradient, penalties, n);
    },
    classes * width,
    SEARCH,
  );
}

/** Scores of all classes into `scores`; returns the logarithm of the sum of their exponentials. */
function softmax(
  weights: Float64Array,
  features: Float64Array,
  from: number,
  width: number,
  scores: Float64Array,
): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < scores.length; c++) {
    let sum = 0;
    for (let d = 0, at = c * width, x = from; d < width; d++, at++, x++) {
      sum += (weights[at] as number) * (features[x] as number);
    }
    scores[c] = sum;
    if (sum > highest) highest = sum;
  }
  let total = 0;
  for (let c = 0; c < scores.length; c++) total += Math.exp((scores[c] as number) - highest);
  return highest + Math.log(total);
}

/** @param penalties of a weight's square, by feature; the biases have none. */
function penalty(weights: Float64Array, gradient: Float64Array, penalties: Float64Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    const weight = weights[k] as number;
    const share = (penalties[k % penalties.length] as number) / n;
    sum += (share * weight * weight) / 2;
    gradient[k]! += share * weight;
  }
  return sum;
}

function predict(weights: Float64Array, { features, width }: Rows, i: number, classes: number): number {
  const scores = new Float64Array(classes);
  softmax(weights, features, i * width, width, scores);
  return scores.indexOf(Math.max(...scores));
}

/**
 * How features are looked at: standardized, then along the axes of their own ellipsoid, each axis drawn in so that all
 * curve alike. The minimum is the same for it, since the penalty follows the axes, and takes a fraction of the steps to find.
 */
interface View {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** `[features][features]`. */
  readonly axes: readonly Float64Array[];
  /** By feature, and 0 for the constant. */
  readonly penalties: Float64Array;
}

function viewOf(data: LabelledPoints, rows: readonly number[]): View {
  const { points, dimensions } = data;
  const mean = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  for (const i of rows) {
    for (let d = 0; d < dimensions; d++) mean[d]! += (points[i * dimensions + d] as number) / rows.length;
  }
  for (const i of rows) {
    for (let d = 0; d < dimensions; d++)
      squares[d]! += ((points[i * dimensions + d] as number) - (mean[d] as number)) ** 2;
  }
  const deviation = squares.map((sum) => Math.sqrt(sum / rows.length) || 1);
  const { values, vectors } = largestEigenpairs(correlations(data, rows, mean, deviation), dimensions);
  const scales = values.map((value) => 1 / Math.sqrt(Math.max(0, value) / 4 + 1 / rows.length));
  return {
    mean,
    deviation,
    axes: vectors.map((vector, k) => vector.map((value) => value * (scales[k] as number))),
    penalties: Float64Array.from([...scales.map((scale) => scale * scale), 0]),
  };
}

function correlations(
  { points, dimensions: n }: LabelledPoints,
  rows: readonly number[],
  mean: Float64Array,
  deviation: Float64Array,
): SymmetricMatrix {
  const values = new Float64Array(n * n);
  const row = new Float64Array(n);
  for (const i of rows) {
    for (let d = 0; d < n; d++)
      row[d] = ((points[i * n + d] as number) - (mean[d] as number)) / (deviation[d] as number);
    for (let a = 0; a < n; a++) {
      const share = (row[a] as number) / rows.length;
      for (let b = 0, at = a * n; b < n; b++, at++) values[at]! += share * (row[b] as number);
    }
  }
  return { n, values };
}

function seen({ points, dimensions, labels }: LabelledPoints, rows: readonly number[], view: View): Rows {
  const width = dimensions + 1;
  const features = new Float64Array(rows.length * width).fill(1);
  const row = new Float64Array(dimensions);
  rows.forEach((item, i) => {
    for (let d = 0; d < dimensions; d++) {
      const value = (points[item * dimensions + d] as number) - (view.mean[d] as number);
      row[d] = value / (view.deviation[d] as number);
    }
    view.axes.forEach((axis, k) => {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += (axis[d] as number) * (row[d] as number);
      features[i * width + k] = sum;
    });
  });
  return { features, labels: Int32Array.from(rows, (item) => labels[item] as number), width };
}

function stratifiedFolds(labels: ArrayLike<number>, classes: number): Uint8Array {
  const next = new Uint8Array(classes);
  return Uint8Array.from({ length: labels.length }, (_, i) => {
    const c = labels[i] as number;
    const fold = next[c] as number;
    next[c] = (fold + 1) % FOLDS;
    return fold;
  });
}

function maximum(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] as number);
  return largest;
}
