import { type LayerRecord, partsOf } from "../artifact/parts.js";
import { ItemReader } from "../artifact/reader.js";
import { sizeOf, storedParts, valueRange } from "../artifact/tensor.js";
import type { Dataset, Model } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { TrainStage } from "../gen/stages.js";
import { layerFacts } from "../layers/index.js";
import { countOf, type Items, itemsOf } from "./items.js";
import { labelsFor } from "./labels.js";

/** The split of that name, or why there is none. */
export function splitOf(dataset: Dataset, name: string, path: JsonPath): Result<Items, Diagnostic[]> {
  const split = itemsOf(dataset, name);
  if (split !== undefined) return ok(split);
  const expected = Object.keys(dataset.splits).join(", ");
  return err([
    problem("unknown-split", path, `the dataset ${dataset.name} has no split ${name}`, "Name one of these.", expected),
  ]);
}

/** Whether a model can learn from this split with this loss: labels where they are needed, within what it can tell apart. */
export function checkSplit(
  model: Model,
  dataset: Dataset,
  split: Items,
  loss: TrainStage["loss"],
): readonly Diagnostic[] {
  const shape = split.x.shape.slice(1);
  if (shape.join() !== partsOf(model).inputShape.join()) {
    const message = `the model takes [${partsOf(model).inputShape}], the items of the dataset are [${shape}]`;
    return [
      problem(
        "shape-mismatch",
        [],
        message,
        "Build the model for data of this shape.",
        `[${partsOf(model).inputShape}]`,
      ),
    ];
  }
  const unknown = embeddingsOfData(partsOf(model).parts[0]?.layers ?? []).flatMap((layer) =>
    checkNumbers(layer, split),
  );
  if (unknown.length > 0) return unknown;
  if (partsOf(model).family !== "sequential") return [];
  if ("reconstruction" in loss) {
    return [
      problem("wrong-loss", ["loss"], "a sequential model reconstructs nothing", "Name one loss.", "the loss alone"),
    ];
  }
  if (split.y === null)
    return [
      problem("labels-missing", ["loss"], "a sequential model learns from labels, and the dataset has none", LABEL),
    ];
  return labelsFor(model, dataset, loss) === "numbers" ? [] : checkLabels(model, split.y);
}

/** The embeddings that see the data themselves: nothing before them computes. */
function embeddingsOfData(layers: readonly LayerRecord[]): readonly LayerRecord[] {
  for (const layer of layers) {
    const { indices, keeps } = layerFacts(layer.kind);
    if (indices !== undefined) return [layer];
    if (layer.branches !== undefined) return layer.branches.flatMap(embeddingsOfData);
    if (keeps !== "order" && keeps !== "numbers") return [];
  }
  return [];
}

/** An embedding looks numbers up in a table: engines fail at one that is not in it, or take another for it. */
function checkNumbers({ name, kind, params }: LayerRecord, { x }: Items): readonly Diagnostic[] {
  const inputDim = layerFacts(kind).indices?.(params) as number;
  const refused = (found: string): Diagnostic => ({
    ...problem(
      "number-not-in-embedding",
      [],
      `${name} takes whole numbers below ${inputDim}, ${found}`,
      "Raise `inputDim` above the largest number, and give it the data as they are.",
    ),
    layer: name,
  });
  const [low, high] = valueRange(x);
  if (high >= inputDim) return [refused(`the data go up to ${high}`)];
  if (low < 0) return [refused(`the data go down to ${low}`)];
  const isBroken = (stored: number) => !Number.isInteger(stored * x.scale + x.offset);
  for (const stored of storedParts(x)) {
    for (const value of stored) if (isBroken(value)) return [refused(`the data have ${value * x.scale + x.offset}`)];
  }
  return [];
}

function checkLabels(model: Model, y: NonNullable<Items["y"]>): readonly Diagnostic[] {
  const outputs = sizeOf(partsOf(model).outputShape);
  const classes = outputs === 1 ? 2 : outputs;
  const [, highest] = valueRange(y);
  if (highest < classes) return [];
  const message = `the model tells ${classes} classes apart, but the labels go up to ${highest}`;
  const fix = "Give the last layer as many units as there are classes.";
  return [problem("label-out-of-range", [], message, fix, `labels from 0 to ${classes - 1}`)];
}

/** The weight of every class, or undefined where all count alike. */
export function classWeightsOf(
  params: Pick<TrainStage, "classWeights" | "loss">,
  model: Model,
  dataset: Dataset,
  split: Items,
): Result<readonly number[] | undefined, Diagnostic[]> {
  const given = params.classWeights;
  if (given === undefined) return ok(undefined);
  const classifies = partsOf(model).family === "sequential" && labelsFor(model, dataset, params.loss) === "classes";
  if (!classifies || split.y === null) {
    return err([problem("labels-missing", ["classWeights"], "only classifiers take class weights", "Remove it.")]);
  }
  const outputs = sizeOf(partsOf(model).outputShape);
  const classes = outputs === 1 ? 2 : outputs;
  if (given !== "balanced") {
    if (given.length === classes) return ok(given);
    const message = `${given.length} class weights for ${classes} classes`;
    return err([
      problem("wrong-length", ["classWeights"], message, "Write one number for every class.", `${classes} numbers`),
    ]);
  }
  const counts = new Array<number>(classes).fill(0);
  const items = countOf(split);
  new ItemReader(split.y).each(split.picked ?? null, 0, items, (labels) => {
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  });
  // Each class that occurs gets an equal share; one that does not has no item to weigh, and takes nothing from the others.
  const present = counts.filter((count) => count > 0).length;
  return ok(counts.map((count) => (count === 0 ? 0 : items / (present * count))));
}

const LABEL = "Give the data labels, or build an autoencoder.";

export function problem(code: string, path: JsonPath, message: string, fix: string, expected?: string): Diagnostic {
  return { code, severity: "error", message, path, ...(expected === undefined ? {} : { expected }), fix };
}
