import { classesOf, targetColumn } from "../artifact/columns.js";
import { partsOf } from "../artifact/parts.js";
import { sizeOf } from "../artifact/tensor.js";
import type { Dataset, Model } from "../artifact/types.js";
import { labelsAreNumbers } from "../base/labels.js";
import type { TrainStage } from "../gen/stages.js";
import { chosen } from "./choice.js";
import { lossFacts } from "./kinds.js";

/** What the labels are to a sequential model: classes to tell apart, or numbers to come close to. */
export function labelsFor(model: Model, dataset: Dataset, loss: TrainStage["loss"]): "classes" | "numbers" {
  if (partsOf(model).family !== "sequential") return "classes";
  if (targetColumn(dataset)?.meaning === "number") return "numbers";
  const classes = classesOf(dataset)?.length ?? null;
  return labelsAreNumbers(sizeOf(partsOf(model).outputShape), classes, comparesNumbers(loss)) ? "numbers" : "classes";
}

/** Whether the loss is a distance between numbers, not a likelihood of classes. */
export function comparesNumbers(loss: TrainStage["loss"]): boolean {
  return lossFacts(chosen(loss).kind).output === "any";
}
