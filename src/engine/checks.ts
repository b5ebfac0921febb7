import { isReconstruction, type Model, type ModelNode } from "../artifact/graph.js";
import { ItemReader } from "../artifact/reader.js";
import { sizeOf, storedParts, type Tensor, valueRange } from "../artifact/tensor.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { TrainStage } from "../gen/stages.js";
import { layerFacts } from "../layers/index.js";
import { countOf, type ItemColumn, type Items, inputName, targetName } from "./items.js";
import type { Objective, OutputObjective } from "./objective.js";

/** Whether a model can learn from this split: inputs have its shapes, and labels are among its classes. */
export function checkSplit(model: Model, split: Items, objective: Objective): readonly Diagnostic[] {
  const misfits = model.inputs.flatMap(({ name, shape }) => {
    const given = inputValues(model, name, split).shape.slice(1);
    return given.join() === shape.join() ? [] : [wrongShape(model, name, shape, given)];
  });
  if (misfits.length > 0) return misfits;
  const unknown = model.nodes.flatMap((node) => checkNumbers(model, node, split));
  if (unknown.length > 0) return unknown;
  return objective.outputs.flatMap((one) => {
    if (isReconstruction(one.output)) return [];
    const { tensor } = targetValues(model, one, split);
    return one.labels !== "classes" ? [] : checkLabels(one, tensor);
  });
}

function inputValues(model: Model, name: string, { columns }: Items): Tensor {
  return (columns[inputName(model, name)] as ItemColumn).tensor;
}

function targetValues(model: Model, { output }: OutputObjective, { columns }: Items): ItemColumn {
  return columns[targetName(model, output.target as string)] as ItemColumn;
}

function wrongShape(model: Model, name: string, shape: readonly number[], given: readonly number[]): Diagnostic {
  const what = model.inputs.length === 1 ? "the model" : `the input ${name} of the model`;
  const message = `${what} takes [${shape}], the items of the dataset are [${given}]`;
  return problem("shape-mismatch", [], message, "Build the model for data of this shape.", `[${shape}]`);
}

/** The input whose numbers reach a node unchanged; undefined where they are computed with before it. */
function numbersFrom(model: Model, node: ModelNode): string | undefined {
  let [from] = node.from;
  for (;;) {
    const source = model.nodes.find(({ name }) => name === from);
    if (source === undefined) return from;
    const { keeps } = layerFacts(source.kind);
    if (keeps !== "order" && keeps !== "numbers") return undefined;
    [from] = source.from;
  }
}

/** An embedding looks numbers up in a table: for one outside of it, engines fail or silently read another row. */
function checkNumbers(model: Model, node: ModelNode, split: Items): readonly Diagnostic[] {
  const { name, kind, params } = node;
  const inputDim = layerFacts(kind).indices?.(params);
  const input = inputDim === undefined ? undefined : numbersFrom(model, node);
  if (inputDim === undefined || input === undefined) return [];
  const x = inputValues(model, input, split);
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

function checkLabels({ output }: OutputObjective, y: Tensor): readonly Diagnostic[] {
  const classes = classesOf(output);
  const [, highest] = valueRange(y);
  if (highest < classes) return [];
  const message = `the model distinguishes ${classes} classes, but the labels go up to ${highest}`;
  const fix = "Give the last layer as many units as there are classes.";
  return [problem("label-out-of-range", [], message, fix, `labels from 0 to ${classes - 1}`)];
}

/** A single output is the probability of the second of two classes. */
function classesOf({ shape }: OutputObjective["output"]): number {
  const outputs = sizeOf(shape);
  return outputs === 1 ? 2 : outputs;
}

/** The same objective with the weight of every class, where some are given. */
export function withClassWeights(
  { classWeights: given }: Pick<TrainStage, "classWeights">,
  model: Model,
  objective: Objective,
  split: Items,
): Result<Objective, Diagnostic[]> {
  if (given === undefined) return ok(objective);
  const classifying = objective.outputs.filter((one) => classifies(model, one, split));
  const [one] = classifying;
  if (one === undefined || classifying.length > 1) {
    const message = one === undefined ? "only classifiers take class weights" : "several outputs classify";
    return err([problem("labels-missing", ["classWeights"], message, "Remove it.")]);
  }
  const classes = classesOf(one.output);
  if (given !== "balanced" && given.length !== classes) {
    const message = `${given.length} class weights for ${classes} classes`;
    return err([
      problem("wrong-length", ["classWeights"], message, "Write one number for every class.", `${classes} numbers`),
    ]);
  }
  const classWeights = given === "balanced" ? balanced(targetValues(model, one, split).tensor, split, classes) : given;
  return ok({
    ...objective,
    outputs: objective.outputs.map((each) => (each === one ? { ...one, classWeights } : each)),
  });
}

function classifies(model: Model, one: OutputObjective, split: Items): boolean {
  return !isReconstruction(one.output) && one.labels === "classes" && targetValues(model, one, split).classes;
}

/** Classes that occur have equal shares; one that does not occur has no item to weigh, and no share. */
function balanced(y: Tensor, split: Items, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  const items = countOf(split);
  new ItemReader(y).each(split.picked ?? null, 0, items, (labels) => {
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  });
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : items / (present * count)));
}

export function problem(code: string, path: JsonPath, message: string, fix: string, expected?: string): Diagnostic {
  return { code, severity: "error", message, path, ...(expected === undefined ? {} : { expected }), fix };
}
