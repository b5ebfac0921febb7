import { accuracyOf, type Classified, confusionOf, logLossOf, macroF1Of } from "./classification.js";
import { means, type Outputs } from "./measure.js";
import { regressionOf } from "./regression.js";

/** What was measured on one split. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  /** Metric → why it has no value. */
  readonly unmeasured: Readonly<Record<string, string>>;
  readonly confusion?: readonly (readonly number[])[];
}

/**
 * Metrics of a split. One whose value would be no number has a reason instead.
 * @param items loss, parts and other measures of every item.
 */
export function measuredOf(
  items: Outputs,
  classes: Classified | null,
  values: { readonly values: Float32Array; readonly targets: Float32Array; readonly items: number } | null,
): Measured {
  const all: Record<string, number> = means(items);
  const unmeasured: Record<string, string> = {};
  let confusion: Measured["confusion"];
  if (classes !== null) {
    const why = brokenRows(classes.probabilities, classes.labels.length);
    if (why === null) {
      confusion = confusionOf(classes);
      all.accuracy = accuracyOf(confusion);
      all.macroF1 = macroF1Of(confusion);
      all.logLoss = logLossOf(classes);
    } else for (const metric of ["accuracy", "macroF1", "logLoss"]) unmeasured[metric] = why;
  }
  if (values !== null) {
    const { values: numbers, unmeasured: reasons } = regressionOf(values.values, values.targets, values.items);
    Object.assign(all, numbers);
    Object.assign(unmeasured, reasons);
  }
  for (const [metric, value] of Object.entries(all)) {
    if (unmeasured[metric] === undefined && !Number.isFinite(value)) unmeasured[metric] = whyNot(items[metric]);
    if (unmeasured[metric] !== undefined) delete all[metric];
  }
  return { values: all, unmeasured, ...(confusion === undefined ? {} : { confusion }) };
}

function whyNot(values: Float32Array | undefined): string {
  if (values === undefined) return "the model's output is too large for some items";
  const broken = values.filter((value) => !Number.isFinite(value)).length;
  return `it is no finite number for ${broken} of ${values.length} items`;
}

function brokenRows(values: Float32Array, items: number): string | null {
  const size = values.length / items;
  let broken = 0;
  for (let from = 0; from < values.length; from += size) {
    if (values.subarray(from, from + size).some(Number.isNaN)) broken++;
  }
  return broken === 0 ? null : `the model's output is no number for ${broken} of ${items} items`;
}
