import { inputOf } from "../../artifact/columns.js";
import type { Tensor } from "../../artifact/tensor.js";
import type { Dataset, Predictions } from "../../artifact/types.js";
import type { ChartSource } from "../chart.js";
import { componentRows, type PrincipalComponents, principalComponents, project } from "../math/pca.js";
import { evenly, inputsOf, rowsOf } from "./items.js";

/** What principal components, and no model at all, can do; see `componentBaseline`. */
export type Baseline = {
  readonly components: number;
  /** Training items that they were found from. */
  readonly trained: number;
  readonly squaredError: number;
};

/** More components than these are no useful baseline, and cost more than some trainings. */
const MOST_COMPONENTS = 64;
/** Products of two numbers that projecting items may cost: some tenths of a second. */
const WORK = 2.5e8;

/**
 * Items along as many principal components as a code has dimensions, up to a limit: the best that straight directions can do.
 * Where items are large, fewer of them are measured: `measured` are the same for the model and the mean item.
 */
export function componentBaseline(dataset: Dataset, predictions: Predictions, dimensions: number) {
  const [train, test] = [inputOf(dataset, "train"), inputOf(dataset, predictions.split)];
  if (!train || !test) return null;
  const features = train.shape.slice(1).reduce((a, b) => a * b, 1);
  const trained = evenly(train.shape[0] as number, componentRows(train.shape[0] as number, features));
  const components = Math.min(dimensions, MOST_COMPONENTS);
  const pca = principalComponents(rowsOf(train, trained), features, components);
  const projectable = Math.max(50, Math.floor(WORK / (features * components)));
  const measured = evenly(test.shape[0] as number, projectable);
  return {
    components,
    trained: trained.length,
    projectable,
    measured,
    codes: (rows: readonly number[]) => project(pca, rowsOf(test, rows)),
    ...errorsOf(pca, test, measured),
  };
}

/**
 * Mean squared errors of the components' answers and of the mean item. Components are orthonormal, so what they leave of an
 * item's square is the square less that of its code.
 */
function errorsOf(pca: PrincipalComponents, test: Tensor, items: readonly number[]) {
  const features = pca.mean.length;
  const values = rowsOf(test, items);
  let whole = 0;
  for (let i = 0; i < items.length; i++) {
    for (let d = 0; d < features; d++) whole += ((values[i * features + d] as number) - (pca.mean[d] as number)) ** 2;
  }
  const kept = project(pca, values).reduce((sum, value) => sum + value * value, 0);
  return { squaredError: Math.max(0, whole - kept) / values.length, meanSquaredError: whole / values.length };
}

/** Mean squared error of the model's reconstructions of some items, over items and values. */
export function squaredErrorOf(
  { artifacts: { dataset, predictions } }: ChartSource,
  items: readonly number[],
): number | null {
  const test = predictions && inputsOf(dataset, predictions.split);
  if (!predictions?.reconstruction || !test || items.length === 0) return null;
  const [values, answers] = [rowsOf(test, items), rowsOf(predictions.reconstruction, items)];
  if (values.length !== answers.length) return null;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += ((values[k] as number) - (answers[k] as number)) ** 2;
  return sum / values.length;
}
