/** How far predictions are from the true values, and which metrics cannot be measured. */
export interface Regression {
  readonly values: Readonly<Record<string, number>>;
  readonly unmeasured: Readonly<Record<string, string>>;
}

/**
 * Mean squared and absolute error over all values, and R² = 1 − Σ (t − p)² / Σ (t − mean t)², its mean where an item has
 * several values.
 * @param predicted and targets are `[items, outputs]`, row-major.
 */
export function regressionOf(predicted: ArrayLike<number>, targets: ArrayLike<number>, items: number): Regression {
  let [squares, sizes] = [0, 0];
  for (let i = 0; i < targets.length; i++) {
    const error = (predicted[i] as number) - (targets[i] as number);
    squares += error * error;
    sizes += Math.abs(error);
  }
  const values = { meanSquaredError: squares / targets.length, meanAbsoluteError: sizes / targets.length };
  const r2 = explained(predicted, targets, items);
  if (typeof r2 === "string") return { values, unmeasured: { r2 } };
  return { values: { ...values, r2 }, unmeasured: {} };
}

/** R², or why there is none. */
function explained(predicted: ArrayLike<number>, targets: ArrayLike<number>, items: number): number | string {
  if (items === 1) return "there is one item only";
  const outputs = targets.length / items;
  let sum = 0;
  for (let o = 0; o < outputs; o++) {
    let total = 0;
    for (let i = 0; i < items; i++) total += targets[i * outputs + o] as number;
    const mean = total / items;
    let [rest, all] = [0, 0];
    for (let i = o; i < targets.length; i += outputs) {
      rest += ((targets[i] as number) - (predicted[i] as number)) ** 2;
      all += ((targets[i] as number) - mean) ** 2;
    }
    if (all === 0) return `all ${items} items have the same value, ${mean}`;
    sum += 1 - rest / all;
  }
  return sum / outputs;
}
