import { storedValues } from "../../artifact/tensor.js";
import type { Classified } from "../../base/classify.js";
import { predictedClasses } from "../../base/classify.js";
import type { ChartSource } from "../chart.js";
import { className, labelsOf } from "./items.js";

export interface ClassifiedItems extends Classified {
  readonly split: string;
  readonly predicted: Int32Array;
  readonly names: readonly string[];
}

/** The predictions of a classifier for its test items, with the true classes; or why there are none. */
export function classifiedItems({
  dataset,
  predictions,
}: ChartSource["artifacts"]): ClassifiedItems | { absent: string } {
  if (!predictions?.probabilities) return { absent: "the model does not classify" };
  const labels = labelsOf(dataset, predictions.split);
  if (labels === null) return { absent: "the data has no labels" };
  const classes = predictions.probabilities.shape[1] as number;
  const { probabilities, logOdds } = predictions;
  const data = {
    probabilities: storedValues(probabilities),
    classes,
    labels,
    ...(logOdds && { logOdds: storedValues(logOdds) }),
  };
  return {
    ...data,
    split: predictions.split,
    predicted: predictedClasses(data),
    names: Array.from({ length: classes }, (_, c) => className(dataset, c)),
  };
}
