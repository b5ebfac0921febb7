import type { LabelledPoints } from "./cluster.js";

const FOLDS = 5;
/** Steps from nothing to the fit of all points, and from there to the fit of one fold's. */
const STEPS = 60;
const FOLD_STEPS = 15;
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
  const width = data.dimensions + 1;
  const fit = new SoftmaxFit(standardized(data), data.labels, classes, width);
  const everything = fit.run(new Float64Array(classes * width), () => true, STEPS);
  let correct = 0;
  for (let held = 0; held < FOLDS; held++) {
    const weights = fit.run(everything, (i) => fold[i] !== held, FOLD_STEPS);
    for (let i = 0; i < data.labels.length; i++) {
      if (fold[i] === held && predict(weights, fit.features, i, classes, width) === data.labels[i]) correct++;
    }
  }
  return correct;
}

/**
 * Minimizes the mean cross-entropy. The curvature is at most ½ of the features' second moments S (Böhning 1992), so a step
 * of 2·S⁻¹·gradient never overshoots; Nesterov's momentum makes the many small steps into a few dozen.
 */
class SoftmaxFit {
  readonly features: Float64Array;
  readonly #labels: ArrayLike<number>;
  readonly #classes: number;
  readonly #width: number;
  readonly #inverse: Float64Array;

  constructor(features: Float64Array, labels: ArrayLike<number>, classes: number, width: number) {
    this.features = features;
    this.#labels = labels;
    this.#classes = classes;
    this.#width = width;
    this.#inverse = inverse(secondMoments(features, width), width);
  }

  run(start: Float64Array, uses: (i: number) => boolean, steps: number): Float64Array {
    const rows = Array.from({ length: this.#labels.length }, (_, i) => i).filter(uses);
    let weights = start;
    let ahead = start;
    for (let t = 0; t < steps; t++) {
      const gradient = softmaxGradient(ahead, this.features, this.#labels, rows, this.#classes, this.#width);
      const slope = gradient.map((g, k) => g / rows.length + RIDGE * (ahead[k] as number));
      const next = this.#step(ahead, slope);
      const momentum = t / (t + 3);
      const before = weights;
      ahead = next.map((w, k) => w + momentum * (w - (before[k] as number)));
      weights = next;
    }
    return weights;
  }

  #step(from: Float64Array, slope: Float64Array): Float64Array {
    const width = this.#width;
    const to = from.slice();
    for (let c = 0; c < this.#classes; c++) {
      for (let d = 0; d < width; d++) {
        to[c * width + d]! -= 2 * dot(this.#inverse, d * width, slope, c * width, width);
      }
    }
    return to;
  }
}

function secondMoments(features: Float64Array, width: number): Float64Array {
  const n = features.length / width;
  const out = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) {
        out[a * width + b]! += ((features[i * width + a] as number) * (features[i * width + b] as number)) / n;
      }
    }
  }
  // Features that depend on each other have no inverse without it.
  for (let a = 0; a < width; a++) out[a * width + a]! += 2 * RIDGE;
  return out;
}

/** Of a symmetric positive definite matrix, by Gauss-Jordan elimination, which needs no pivots there. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const left = matrix.slice();
  const right = new Float64Array(n * n);
  for (let d = 0; d < n; d++) right[d * n + d] = 1;
  for (let p = 0; p < n; p++) {
    const pivot = left[p * n + p] as number;
    for (let d = 0; d < n; d++) {
      left[p * n + d]! /= pivot;
      right[p * n + d]! /= pivot;
    }
    for (let r = 0; r < n; r++) {
      const factor = left[r * n + p] as number;
      if (r === p || factor === 0) continue;
      for (let d = 0; d < n; d++) {
        left[r * n + d]! -= factor * (left[p * n + d] as number);
        right[r * n + d]! -= factor * (right[p * n + d] as number);
      }
    }
  }
  return right;
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
