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
