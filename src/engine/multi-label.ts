/** How well a model predicts which of several labels hold for an item, where any of them may. */
import { classScores, confusionMatrix, rankCurves } from "../base/classify.js";

/** Beyond so many labels, single ones have no metrics of their own. */
const MOST_LABELS = 10;

export interface Labelled {
  readonly items: number;
  /** `[items, labels]`, row-major: ln(p / (1 − p)), or any score where what is above 0 is called. */
  readonly scores: ArrayLike<number>;
  /** `[items, labels]`: 0 or 1. */
  readonly truth: ArrayLike<number>;
}

/**
 * The share of items whose labels are all right, the share of labels that are, and the means over labels of F1 and of the area
 * under the ROC curve; labels that never occur or always do have no such curve, and ones that neither occur nor are called no F1.
 */
export function multiLabelMetrics(labelled: Labelled): {
  readonly values: Readonly<Record<string, number>>;
  readonly unmeasured: Readonly<Record<string, string>>;
} {
  const { items, scores, truth } = labelled;
  const labels = truth.length / items;
  let [allRight, right] = [0, 0];
  for (let i = 0; i < items; i++) {
    let own = 0;
    for (let l = 0; l < labels; l++) {
      const at = i * labels + l;
      if ((scores[at] as number) > 0 === (truth[at] as number) > 0.5) own++;
    }
    right += own;
    if (own === labels) allRight++;
  }
  const values: Record<string, number> = { subsetAccuracy: allRight / items, labelAccuracy: right / (items * labels) };
  const unmeasured: Record<string, string> = {};
  const add = (metric: string, short: string, each: readonly (number | null)[], why: string): void => {
    const known = each.filter((value) => value !== null);
    if (known.length === 0) unmeasured[metric] = why;
    else values[metric] = known.reduce((sum, value) => sum + value, 0) / known.length;
    if (labels > MOST_LABELS) return;
    each.forEach((value, label) => {
      if (value !== null) values[`${short}_${label}`] = value;
    });
  };
  const every = Array.from({ length: labels }, (_, label) => label);
  add(
    "macroF1",
    "f1",
    every.map((label) => f1Of(labelled, labels, label)),
    "no label occurs or is called",
  );
  add(
    "rocAuc",
    "rocAuc",
    every.map((label) => areaOf(labelled, labels, label)),
    "no label holds for some items only",
  );
  return { values, unmeasured };
}

/** Null where the label neither occurs nor is called. */
function f1Of({ items, scores, truth }: Labelled, labels: number, label: number): number | null {
  const at = Array.from({ length: items }, (_, i) => i * labels + label);
  const holds = at.map((place) => ((truth[place] as number) > 0.5 ? 1 : 0));
  const called = at.map((place) => ((scores[place] as number) > 0 ? 1 : 0));
  return classScores(confusionMatrix(holds, called, 2))[1]?.f1 ?? null;
}

/** Area under the ROC curve; null where the label holds for all items or for none. */
function areaOf({ items, scores, truth }: Labelled, labels: number, label: number): number | null {
  const own = Float64Array.from({ length: items }, (_, i) => scores[i * labels + label] as number);
  return rankCurves(own, (i) => (truth[i * labels + label] as number) > 0.5)?.rocAuc ?? null;
}
