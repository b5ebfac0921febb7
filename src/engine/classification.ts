import { PROBABILITY_MARGIN } from "./margin.js";

/** How a model's outputs become probabilities. */
export type OutputActivation = "sigmoid" | "softmax" | "none";

/** What a classifier said of every item, and what was true. */
export interface Classified {
  readonly classes: number;
  /** `[items, classes]`, row-major. */
  readonly probabilities: Float32Array;
  /**
   * ln(p / (1 − p)) `[items, classes]`: probabilities round to 0 and 1, and then say no more which is higher. Null where
   * the model has no logits.
   */
  readonly logOdds: Float32Array | null;
  /** `[items]` */
  readonly labels: ArrayLike<number>;
}

/**
 * @param output of the model `[items, outputs]`, before its activation; a single one stands for class 1.
 */
export function classified(output: Float32Array, activation: OutputActivation, labels: ArrayLike<number>): Classified {
  const outputs = output.length / labels.length;
  if (activation === "softmax") return { ...oneOf(output, outputs), classes: outputs, labels };
  const [classes, values] = outputs > 1 ? [outputs, output] : [2, bothSides(output, activation)];
  if (activation === "none") return { classes, probabilities: values, logOdds: null, labels };
  return { classes, probabilities: values.map((l) => 1 / (1 + Math.exp(-l))), logOdds: values, labels };
}

/** For class 0 beside class 1. */
function bothSides(output: Float32Array, activation: OutputActivation): Float32Array {
  const both = new Float32Array(2 * output.length);
  output.forEach((value, i) => {
    both[2 * i] = activation === "sigmoid" ? -value : 1 - value;
    both[2 * i + 1] = value;
  });
  return both;
}

function oneOf(logits: Float32Array, classes: number): Pick<Classified, "probabilities" | "logOdds"> {
  const probabilities = new Float32Array(logits.length);
  const logOdds = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const top = highest(row);
    const below = Array.from(row, (logit) => logit - (row[top] as number));
    // Beside the largest, whose own exponential is 1.
    const logOthers = logSumExp(below.filter((_, c) => c !== top));
    const others = Math.exp(logOthers);
    below.forEach((logit, c) => {
      probabilities[from + c] = Math.exp(logit) / (1 + others);
      logOdds[from + c] = c === top ? -logOthers : logit - Math.log(1 + others - Math.exp(logit));
    });
    raiseAbove(logOdds.subarray(from, from + classes), top);
  }
  return { probabilities, logOdds };
}

/** Small logits may lie closer together than log-odds around −1 can say: the largest must come first all the same. */
function raiseAbove(row: Float32Array, top: number): void {
  const first = highest(row);
  if (first === top) return;
  const most = row[first] as number;
  row[top] = most + Math.max(Math.abs(most) * 2 ** -23, 2 ** -149);
}

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** The class of an item: the highest of its values, of equal ones the first. */
function highest(row: Float32Array): number {
  let top = 0;
  for (let c = 1; c < row.length; c++) if ((row[c] as number) > (row[top] as number)) top = c;
  return top;
}

/** Rows are true classes, columns the ones that the model says. */
export function confusionOf({ classes, probabilities, logOdds, labels }: Classified): readonly (readonly number[])[] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const scores = logOdds ?? probabilities;
  for (let i = 0; i < labels.length; i++) {
    const called = highest(scores.subarray(i * classes, (i + 1) * classes));
    const row = counts[labels[i] as number] as number[];
    row[called] = (row[called] as number) + 1;
  }
  return counts;
}

/** Share of items on the diagonal. */
export function accuracyOf(confusion: readonly (readonly number[])[]): number {
  const right = confusion.reduce((sum, row, c) => sum + (row[c] as number), 0);
  const all = confusion.flat().reduce((sum, count) => sum + count, 0);
  return right / all;
}

/** Mean of 2·right / (true + called) over the classes that occur or are called: of the others nothing is known. */
export function macroF1Of(confusion: readonly (readonly number[])[]): number {
  const scores = confusion.flatMap((row, c) => {
    const truly = row.reduce((sum, count) => sum + count, 0);
    const called = confusion.reduce((sum, other) => sum + (other[c] as number), 0);
    return truly + called === 0 ? [] : [(2 * (row[c] as number)) / (truly + called)];
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/**
 * Mean of −ln p(true class), in nats an item: from log-odds, as the loss is; else with the loss's margin around 0.
 */
export function logLossOf({ classes, probabilities, logOdds, labels }: Classified): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes + (labels[i] as number);
    sum +=
      logOdds === null
        ? -Math.log(Math.max(PROBABILITY_MARGIN, probabilities[at] as number))
        : softplus(-(logOdds[at] as number));
  }
  return sum / labels.length;
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
