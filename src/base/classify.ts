/** Measures of classifications: one definition for metrics and charts. */

/** Probabilities are kept this far from 0 in logarithms, where there are no logits to compute with. */
export const PROBABILITY_MARGIN = 1e-7;

/** The output of a classifier for every item: `probabilities[i × classes + c]`, and the true class of each. */
export interface Classified {
  readonly probabilities: ArrayLike<number>;
  readonly classes: number;
  readonly labels: ArrayLike<number>;
  /** ln(p / (1 − p)) of the probabilities, which themselves round to 0 and 1; absent where they were not kept. */
  readonly logOdds?: ArrayLike<number> | null;
}

/** What classes are ranked by: higher is more probable. */
export function scoresOf({ probabilities, logOdds }: Classified): ArrayLike<number> {
  return logOdds ?? probabilities;
}

/** The most probable class of every item; the first of equals. */
export function predictedClasses(data: Classified): Int32Array {
  const { classes, labels } = data;
  const scores = scoresOf(data);
  return Int32Array.from({ length: labels.length }, (_, i) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((scores[i * classes + c] as number) > (scores[i * classes + best] as number)) best = c;
    }
    return best;
  });
}

/** `matrix[true class][predicted class]`, in items. */
export function confusionMatrix(labels: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) (matrix[labels[i] as number] as number[])[predicted[i] as number]!++;
  return matrix;
}

export interface ClassScores {
  readonly support: number;
  /** Of the items called so, the share that is; null where none is called so. */
  readonly precision: number | null;
  /** Of the items that are so, the share that is called so; null where there are none. */
  readonly recall: number | null;
  /** Harmonic mean of the two; 0 where nothing is right, null where the class neither occurs nor is called. */
  readonly f1: number | null;
}

export function classScores(matrix: readonly (readonly number[])[]): ClassScores[] {
  return matrix.map((row, c) => {
    const right = row[c] as number;
    const support = row.reduce((a, b) => a + b, 0);
    const called = matrix.reduce((sum, other) => sum + (other[c] as number), 0);
    return {
      support,
      precision: called > 0 ? right / called : null,
      recall: support > 0 ? right / support : null,
      f1: support + called > 0 ? (2 * right) / (support + called) : null,
    };
  });
}

/** Share of items on the diagonal. */
export function accuracyOf(matrix: readonly (readonly number[])[]): number {
  const right = matrix.reduce((sum, row, c) => sum + (row[c] as number), 0);
  return right / matrix.flat().reduce((sum, count) => sum + count, 0);
}

/** Mean F1 of the classes that occur or are called. */
export function macroF1(matrix: readonly (readonly number[])[]): number {
  const scores = classScores(matrix).flatMap(({ f1 }) => (f1 === null ? [] : [f1]));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Mean of −ln p(true class), in nats an item; without log-odds, with the margin around 0. */
export function logLoss({ probabilities, logOdds, classes, labels }: Classified): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes + (labels[i] as number);
    if (logOdds == null) sum -= Math.log(Math.max(PROBABILITY_MARGIN, probabilities[at] as number));
    else sum += softplus(-(logOdds[at] as number));
  }
  return sum / labels.length;
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

export interface RankCurves {
  /** False positive rate against true positive rate. */
  readonly roc: readonly CurvePoint[];
  /** Recall against precision. */
  readonly pr: readonly CurvePoint[];
  /** Area under the first, by trapezoids: ties count half. */
  readonly rocAuc: number;
  /** Average precision: Σ (R_k − R_k−1)·P_k, without interpolation. */
  readonly averagePrecision: number;
}

/** One class against the rest, ranked by its probability. Null where one side is empty. */
export function rankCurves(scores: ArrayLike<number>, positive: (i: number) => boolean): RankCurves | null {
  const order = Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const positives = order.filter(positive).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const roc: CurvePoint[] = [{ x: 0, y: 0 }];
  const pr: CurvePoint[] = [];
  let [tp, fp, rocAuc, averagePrecision] = [0, 0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] as number] as number;
    const before = { tp, fp };
    // Items of equal score enter together: no order among them is right.
    for (; at < order.length && (scores[order[at] as number] as number) === score; at++) {
      if (positive(order[at] as number)) tp++;
      else fp++;
    }
    rocAuc += ((fp - before.fp) * (tp + before.tp)) / 2 / (positives * negatives);
    averagePrecision += ((tp - before.tp) / positives) * (tp / (tp + fp));
    roc.push({ x: fp / negatives, y: tp / positives });
    pr.push({ x: tp / positives, y: tp / (tp + fp) });
  }
  return { roc, pr, rocAuc, averagePrecision };
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly items: number;
  /** Mean probability of the predicted class; null in an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/**
 * Reliability in equal steps of confidence, and the expected calibration error: the mean gap between confidence and
 * accuracy, weighted by items (Naeini, Cooper, Hauskrecht 2015).
 */
export function calibration(data: Classified, bins: number): { bins: CalibrationBin[]; ece: number } {
  const predicted = predictedClasses(data);
  const sums = Array.from({ length: bins }, () => ({ items: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < data.labels.length; i++) {
    const called = predicted[i] as number;
    const confidence = data.probabilities[i * data.classes + called] as number;
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.items++;
    bin.confidence += confidence;
    if (called === data.labels[i]) bin.right++;
  }
  const ece = sums.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / data.labels.length;
  return {
    ece,
    bins: sums.map(({ items, confidence, right }, b) => ({
      from: b / bins,
      to: (b + 1) / bins,
      items,
      confidence: items > 0 ? confidence / items : null,
      accuracy: items > 0 ? right / items : null,
    })),
  };
}
