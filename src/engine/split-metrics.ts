import { accuracyOf, confusionMatrix, logLoss, macroF1, predictedClasses } from "../base/classify.js";
import type { Classified } from "./classification.js";
import { means, type Outputs } from "./measure.js";
import { type Labelled, multiLabelMetrics } from "./multi-label.js";
import { regressionOf } from "./regression.js";

/** What was measured on one split. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  /** Metric → why it has no value. */
  readonly unmeasured: Readonly<Record<string, string>>;
  readonly confusion?: readonly (readonly number[])[];
}

/** The predictions of one output for every item of a split. */
export interface Scored {
  /** Of the names of its metrics. */
  readonly prefix: string;
  /** Of an output with class probabilities. */
  readonly classes: Classified | null;
  /** Of an output that predicts numbers. */
  readonly values: Valued | null;
  /** Of an output that predicts which of several labels hold. */
  readonly labels: Labelled | null;
}

export interface Valued {
  readonly values: Float32Array;
  readonly targets: Float32Array;
  readonly items: number;
}

/**
 * Metrics of a split. One whose value would be no number has a reason instead.
 * @param items loss, parts and other measures of every item.
 */
export function measuredOf(items: Outputs, outputs: readonly Scored[]): Measured {
  const all: Record<string, number> = means(items);
  const unmeasured: Record<string, string> = {};
  let confusion: Measured["confusion"];
  for (const { prefix, classes, values, labels } of outputs) {
    const of = (metrics: Readonly<Record<string, number | string>>) =>
      Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}${name}`, value]));
    if (classes !== null) {
      const why = brokenRows(classes.probabilities, classes.labels.length);
      if (why === null) {
        const matrix = confusionMatrix(classes.labels, predictedClasses(classes), classes.classes);
        confusion ??= matrix;
        const metrics = { accuracy: accuracyOf(matrix), macroF1: macroF1(matrix), logLoss: logLoss(classes) };
        Object.assign(all, of(metrics));
      } else Object.assign(unmeasured, of({ accuracy: why, macroF1: why, logLoss: why }));
    }
    if (values !== null) {
      const regression = regressionOf(values.values, values.targets, values.items);
      Object.assign(all, of(regression.values));
      Object.assign(unmeasured, of(regression.unmeasured));
    }
    if (labels !== null) {
      const why = brokenRows(labels.scores, labels.items);
      const found = multiLabelMetrics(labels);
      if (why === null) Object.assign(all, of(found.values));
      Object.assign(unmeasured, of(why === null ? found.unmeasured : mapped(found.values, why)));
    }
  }
  for (const [metric, value] of Object.entries(all)) {
    if (unmeasured[metric] === undefined && !Number.isFinite(value)) unmeasured[metric] = whyNot(items[metric]);
    if (unmeasured[metric] !== undefined) delete all[metric];
  }
  return { values: all, unmeasured, ...(confusion === undefined ? {} : { confusion }) };
}

function mapped(values: Readonly<Record<string, number>>, why: string): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((metric) => [metric, why]));
}

function whyNot(values: Float32Array | undefined): string {
  if (values === undefined) return "the model's output is too large for some items";
  const broken = values.filter((value) => !Number.isFinite(value)).length;
  return `it is no finite number for ${broken} of ${values.length} items`;
}

function brokenRows(values: ArrayLike<number>, items: number): string | null {
  const size = values.length / items;
  let broken = 0;
  for (let item = 0; item < items; item++) {
    for (let at = item * size; at < (item + 1) * size; at++) {
      if (!Number.isNaN(values[at])) continue;
      broken++;
      break;
    }
  }
  return broken === 0 ? null : `the model's output is no number for ${broken} of ${items} items`;
}
