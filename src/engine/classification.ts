import { sizeOf, storedValues, type Tensor } from "../artifact/tensor.js";

/** Probabilities are kept this far from 0 in a logarithm. */
const MARGIN = 1e-7;

/** What a classifier said of every item, and what was true. */
export interface Classified {
  readonly classes: number;
  /** `[items, classes]`, row-major. */
  readonly probabilities: Float32Array;
  /** `[items]` */
  readonly labels: ArrayLike<number>;
}

/** A single output is the probability of class 1. */
export function classified(output: Tensor<"float32">, labels: Tensor): Classified {
  const values = storedValues(output);
  const outputs = sizeOf(output.shape.slice(1));
  if (outputs > 1) return { classes: outputs, probabilities: values, labels: storedValues(labels) };
  const probabilities = new Float32Array(2 * values.length);
  values.forEach((p, i) => {
    probabilities[2 * i] = 1 - p;
    probabilities[2 * i + 1] = p;
  });
  return { classes: 2, probabilities, labels: storedValues(labels) };
}

/** Rows are true classes, columns the ones with the highest probability (of equal ones the first). */
export function confusionOf({ classes, probabilities, labels }: Classified): readonly (readonly number[])[] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    let called = 0;
    for (let c = 1; c < classes; c++) {
      if ((probabilities[i * classes + c] as number) > (probabilities[i * classes + called] as number)) called = c;
    }
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

/** Mean of −log p(true class), in nats an item. */
export function logLossOf({ classes, probabilities, labels }: Classified): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(MARGIN, probabilities[i * classes + (labels[i] as number)] as number));
  }
  return sum / labels.length;
}
