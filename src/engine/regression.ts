/** How far predictions are from their targets, and why a metric has no value. */
export interface Regression {
  readonly values: Readonly<Record<string, number>>;
  /** Metric → why it has no value. */
  readonly unmeasured: Readonly<Record<string, string>>;
}

/** Shares of the items whose residual, true less predicted, is at most the quantile. */
export const RESIDUAL_QUANTILES = [5, 25, 50, 75, 95] as const;

/** Beyond so many values an item, single ones have no metrics of their own. */
const MOST_VALUES = 10;

/**
 * Metrics of each value that an item has, and their means over these values: mean squared and absolute error, the root of the
 * former, R² = 1 − Σ (t − p)² / Σ (t − mean t)², explained variance 1 − var(t − p) / var(t), and quantiles of t − p with linear
 * interpolation. As scikit-learn has them with `multioutput="uniform_average"`.
 *
 * @param predicted and targets are `[items, outputs]`, row-major.
 */
export function regressionOf(predicted: ArrayLike<number>, targets: ArrayLike<number>, items: number): Regression {
  const outputs = targets.length / items;
  const each = Array.from({ length: outputs }, (_, output) => measuredAlone(predicted, targets, items, output));
  const values: Record<string, number> = {};
  const unmeasured: Record<string, string> = {};
  for (const metric of Object.keys(each[0] ?? {})) {
    const measured = each.map((one) => one[metric] as number | string);
    const why = measured.find((value) => typeof value === "string");
    if (typeof why === "string") unmeasured[metric] = why;
    else values[metric] = (measured as number[]).reduce((sum, value) => sum + value, 0) / outputs;
  }
  if (outputs > 1 && outputs <= MOST_VALUES) {
    each.forEach((one, output) => {
      for (const [metric, value] of Object.entries(one)) {
        if (typeof value === "string") unmeasured[ofValue(metric, output)] = value;
        else values[ofValue(metric, output)] = value;
      }
    });
  }
  return { values, unmeasured };
}

/** What a metric of one of an item's values is called; they count from 0. */
function ofValue(metric: string, output: number): string {
  return `${metric}_${output}`;
}

/** A metric's own name, and which of an item's values it is of, if of one. */
export function partsOfMetric(name: string): { readonly metric: string; readonly value: number | null } {
  const found = /^(.+)_(\d+)$/.exec(name);
  return found === null ? { metric: name, value: null } : { metric: found[1] as string, value: Number(found[2]) };
}

/** Of one value; a metric that has none has the reason instead. */
function measuredAlone(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
  items: number,
  output: number,
): Readonly<Record<string, number | string>> {
  const outputs = targets.length / items;
  const residuals = new Float64Array(items);
  let [sum, squares, sizes, total] = [0, 0, 0, 0];
  for (let i = 0; i < items; i++) {
    const target = targets[i * outputs + output] as number;
    const residual = target - (predicted[i * outputs + output] as number);
    residuals[i] = residual;
    sum += residual;
    squares += residual * residual;
    sizes += Math.abs(residual);
    total += target;
  }
  const [meanResidual, mean] = [sum / items, total / items];
  let [spread, around] = [0, 0];
  for (let i = 0; i < items; i++) {
    spread += ((residuals[i] as number) - meanResidual) ** 2;
    around += ((targets[i * outputs + output] as number) - mean) ** 2;
  }
  const why =
    items === 1 ? "there is one item only" : around === 0 ? `all ${items} items have the same value, ${mean}` : null;
  residuals.sort();
  const ofResidual = (share: number) => (Number.isFinite(sum) ? quantile(residuals, share / 100) : Number.NaN);
  return {
    meanSquaredError: squares / items,
    rootMeanSquaredError: Math.sqrt(squares / items),
    meanAbsoluteError: sizes / items,
    r2: why ?? 1 - squares / around,
    explainedVariance: why ?? 1 - spread / around,
    ...Object.fromEntries(RESIDUAL_QUANTILES.map((share) => [`residualQ${share}`, ofResidual(share)])),
  };
}

/** @param sorted from the lowest to the highest. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  return low + (place - below) * (high - low);
}
