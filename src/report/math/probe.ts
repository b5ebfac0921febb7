import type { LabelledPoints } from "./cluster.js";

const FOLDS = 5;
const STEPS = 300;
/** Weight of the squared norm of the coefficients, per point: keeps separable classes from growing without end. */
const RIDGE = 1e-4;

/**
 * Linear probe: five-fold cross-validated accuracy of multinomial logistic regression on standardized features.
 * Folds are taken in turn within each class, so they are stratified and need no randomness.
 * @returns how many of the points are classified rightly by the model that has not seen them.
 */
export function linearProbeCorrect(data: LabelledPoints): number {
  const classes = 1 + maximum(data.labels);
  const fold = stratifiedFolds(data.labels, classes);
  const features = standardized(data);
  let correct = 0;
  for (let held = 0; held < FOLDS; held++) {
    const weights = fitSoftmax(features, data.labels, classes, data.dimensions + 1, (i) => fold[i] !== held);
    for (let i = 0; i < data.labels.length; i++) {
      if (fold[i] !== held) continue;
      if (predict(weights, features, i, classes, data.dimensions + 1) === data.labels[i]) correct++;
    }
  }
  return correct;
}

/**
 * Minimizes the mean cross-entropy by Nesterov's accelerated gradient with the fixed step 1/L. For standardized
 * features with a constant, L = ½·λ ≤ ½·features (the trace of their second-moment matrix) bounds the curvature.
 */
function fitSoftmax(
  features: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  width: number,
  uses: (i: number) => boolean,
): Float64Array {
  const rows = Array.from({ length: labels.length }, (_, i) => i).filter(uses);
  const step = 1 / (width / 2 + RIDGE);
  let weights = new Float64Array(classes * width);
  let ahead = weights.slice();
  for (let t = 0; t < STEPS; t++) {
    const gradient = softmaxGradient(ahead, features, labels, rows, classes, width);
    const next = ahead.map((w, k) => w - step * ((gradient[k] as number) / rows.length + RIDGE * w));
    const momentum = t / (t + 3);
    ahead = next.map((w, k) => w + momentum * (w - (weights[k] as number)));
    weights = next;
  }
  return weights;
}

function softmaxGradient(
  weights: Float64Array,
  features: Float64Array,
  labels: ArrayLike<number>,
  rows: readonly number[],
  classes: number,
  width: number,
): Float64Array {
  const gradient = new Float64Array(weights.length);
  const scores = new Float64Array(classes);
  for (const i of rows) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      const score = dot(weights, c * width, features, i * width, width);
      scores[c] = score;
      if (score > largest) largest = score;
    }
    let total = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp((scores[c] as number) - largest);
      scores[c] = e;
      total += e;
    }
    for (let c = 0; c < classes; c++) {
      const error = (scores[c] as number) / total - (labels[i] === c ? 1 : 0);
      for (let d = 0; d < width; d++) gradient[c * width + d]! += error * (features[i * width + d] as number);
    }
  }
  return gradient;
}

function predict(weights: Float64Array, features: Float64Array, i: number, classes: number, width: number): number {
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    const score = dot(weights, c * width, features, i * width, width);
    if (score > bestScore) {
      best = c;
      bestScore = score;
    }
  }
  return best;
}

/** Mean 0 and standard deviation 1 a feature, and a constant 1 behind them. */
function standardized({ points, dimensions, labels }: LabelledPoints): Float64Array {
  const n = labels.length;
  const width = dimensions + 1;
  const out = new Float64Array(n * width).fill(1);
  for (let d = 0; d < dimensions; d++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) sum += points[i * dimensions + d] as number;
    const mean = sum / n;
    for (let i = 0; i < n; i++) squares += ((points[i * dimensions + d] as number) - mean) ** 2;
    const deviation = Math.sqrt(squares / n) || 1;
    for (let i = 0; i < n; i++) out[i * width + d] = ((points[i * dimensions + d] as number) - mean) / deviation;
  }
  return out;
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

function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, n: number): number {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += (a[fromA + d] as number) * (b[fromB + d] as number);
  return sum;
}

function maximum(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] as number);
  return largest;
}
