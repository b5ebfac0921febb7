import { type Model, reconstructedInput } from "../artifact/graph.js";
import { floatValues, sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { OutputAnswers, Predictions } from "../artifact/types.js";
import { ByteImages } from "./byte-images.js";
import { type Classified, classified, type OutputActivation } from "./classification.js";
import { ANSWER } from "./item-results.js";
import { countOf, type ItemColumn, type Items, inputName, targetName } from "./items.js";
import type { Outputs } from "./measure.js";
import type { Labelled } from "./multi-label.js";
import { comparesNumbers, type Objective, type OutputObjective } from "./objective.js";
import { outputActivation } from "./output-end.js";
import { type MetricRequest, OwnMeasurement, type TargetsOf } from "./own-metric.js";
import type { Scored, Valued } from "./split-metrics.js";

/** The predictions of one output for every item of a split, and their targets. */
export interface OutputAnswer extends Omit<Scored, "prefix"> {
  readonly name: string;
  readonly items: number;
  /** Scores before their activation; empty for a reconstruction, which is collected apart. */
  readonly given: Float32Array;
  readonly target: Tensor;
  /** Of an output that reconstructs an input. */
  readonly rebuilt: Tensor<"uint8"> | null;
}

/** Splits the outputs of an evaluation into those of the model and the measures of every item. */
export function apart(outputs: Outputs): { readonly answers: Outputs; readonly items: Outputs } {
  const entries = Object.entries(outputs);
  const isAnswer = ([name]: [string, Float32Array]) => name.startsWith("answer.");
  return {
    answers: Object.fromEntries(entries.filter(isAnswer)),
    items: Object.fromEntries(entries.filter((entry) => !isAnswer(entry))),
  };
}

/** Collectors of reconstructions, by the names of outputs. */
export function byteImages({ outputs }: Objective, model: Model, items: Items): ReadonlyMap<string, ByteImages> {
  const collecting = outputs.flatMap(({ output }) => {
    const input = reconstructedInput(model, output);
    if (input === undefined) return [];
    const { tensor } = items.columns[inputName(model, input.name)] as ItemColumn;
    return [[output.name, new ByteImages(tensor, [countOf(items), ...output.shape])] as const];
  });
  return new Map(collecting);
}

/** @param rebuilt reconstructions that are kept, collected apart from the answers. */
export function outputAnswer(
  one: OutputObjective,
  model: Model,
  items: Items,
  answers: Outputs,
  rebuilt: ReadonlyMap<string, ByteImages>,
): OutputAnswer {
  const { output } = one;
  const input = reconstructedInput(model, output);
  const column = input === undefined ? targetName(model, output.target as string) : inputName(model, input.name);
  const { tensor: target } = items.columns[column] as ItemColumn;
  const base = { name: output.name, items: countOf(items), target };
  if (input !== undefined) {
    const none = { classes: null, values: null, labels: null, given: new Float32Array(0) };
    return { ...base, ...none, rebuilt: rebuilt.get(output.name)?.tensor() ?? null };
  }
  const given = answers[ANSWER.scores(output.name)] as Float32Array;
  const activation = outputActivation(model, output.name);
  const classes = classesIn(given, one, activation, target);
  const values = valuesIn(given, one, activation, target);
  return { ...base, given, classes, values, labels: labelsIn(given, one, activation, target), rebuilt: null };
}

/** Targets as metrics of the project's own are handed them: classes, numbers, or inputs. */
function targetsIn(target: Tensor): TargetsOf {
  const width = sizeOf(target.shape.slice(1));
  return (from, count) => floatValues(target, from * width, count * width);
}

/** What such metrics measure of probabilities, or of numbers. */
export function measuredAtOnce(
  requests: readonly MetricRequest[],
  { items, given, target, classes, values }: OutputAnswer,
): OwnMeasurement {
  const measurement = new OwnMeasurement(requests, targetsIn(target));
  measurement.add(classes?.probabilities ?? values?.values ?? given, items);
  return measurement;
}

/** Begins what metrics of the project's own measure of inputs that are made again, by the names of outputs. */
export function rebuildMeasurements(
  { outputs }: Objective,
  model: Model,
  items: Items,
  requests: readonly MetricRequest[],
): ReadonlyMap<string, OwnMeasurement> {
  if (requests.length === 0) return new Map();
  const measuring = outputs.flatMap(({ output }) => {
    const input = reconstructedInput(model, output);
    if (input === undefined) return [];
    const { tensor } = items.columns[inputName(model, input.name)] as ItemColumn;
    return [[output.name, new OwnMeasurement(requests, targetsIn(tensor))] as const];
  });
  return new Map(measuring);
}

/**
 * The predictions for every item of a split, as they are kept.
 *
 * @param losses and measures of every item.
 */
export function predictionsOf(
  split: string,
  items: Items,
  losses: Outputs,
  answers: Outputs,
  outputs: readonly OutputAnswer[],
): Predictions {
  const count = countOf(items);
  const rows = (values: Float32Array) => tensorOf("float32", [count, values.length / count], values);
  const isLoss = (name: string) => name !== "accuracy" && !name.endsWith(".accuracy");
  const itemLoss = Object.entries(losses).filter(([name]) => isLoss(name));
  const { [ANSWER.mean]: mean, [ANSWER.deviation]: deviation } = answers;
  const named = outputs.map((output) => [output.name, keptOf(output)] as const);
  const firstWith = (field: keyof OutputAnswers) => named.find(([, kept]) => kept[field] !== undefined)?.[1] ?? {};
  // Where a reader takes one output only, it is the first of its kind.
  const { reconstruction } = firstWith("reconstruction");
  const { probabilities, logOdds } = firstWith("probabilities");
  const { values } = firstWith("values");
  return {
    split,
    items: count,
    itemLoss: Object.fromEntries(itemLoss.map(([name, values]) => [name, tensorOf("float32", [count], values)])),
    ...(mean === undefined ? {} : { latent: rows(mean) }),
    ...(deviation === undefined ? {} : { latentScale: rows(deviation) }),
    ...(reconstruction && { reconstruction }),
    ...(probabilities && { probabilities }),
    ...(logOdds && { logOdds }),
    ...(values && { values }),
    ...(outputs.length > 1 ? { outputs: Object.fromEntries(named) } : {}),
  };
}

/** Of two classes that are predicted as 0 and 1, probabilities. */
function keptOf({ classes, values, labels, rebuilt }: OutputAnswer): OutputAnswers {
  const rows = (of: Float32Array, columns: number) => tensorOf("float32", [of.length / columns, columns], of);
  return {
    ...(rebuilt === null ? {} : { reconstruction: rebuilt }),
    ...(classes === null ? {} : { probabilities: rows(classes.probabilities, classes.classes) }),
    ...(classes?.logOdds ? { logOdds: rows(classes.logOdds, classes.classes) } : {}),
    ...(values === null || classes !== null
      ? {}
      : { values: rows(values.values, values.values.length / values.items) }),
    ...(labels === null
      ? {}
      : { values: rows(Float32Array.from(labels.scores, sigmoid), labels.truth.length / labels.items) }),
  };
}

/** The predictions of a classifier with class probabilities; null for any other output. */
function classesIn(
  scores: Float32Array,
  { loss, labels }: OutputObjective,
  activation: OutputActivation,
  y: Tensor,
): Classified | null {
  if (labels !== "classes") return null;
  // Without an activation or a loss for probabilities, values are none.
  if (activation === "none" && comparesNumbers(loss)) return null;
  return classified(scores, activation, storedValues(y));
}

/** The predictions of a regression and their targets; null for any other output. */
function valuesIn(
  scores: Float32Array,
  { loss, labels }: OutputObjective,
  activation: OutputActivation,
  y: Tensor,
): Valued | null {
  // Numbers between 0 and 1 may be compared by a likelihood.
  if (labels === "labels" || (labels === "classes" && !comparesNumbers(loss))) return null;
  const targets = floatValues(y);
  // Several outputs for one label are scores of classes.
  if (targets.length !== scores.length) return null;
  const values = activation === "sigmoid" ? scores.map(sigmoid) : scores;
  return { values, targets, items: y.shape[0] as number };
}

/** Scores of each of several labels and whether it holds; null for any other output. */
function labelsIn(
  scores: Float32Array,
  { labels }: OutputObjective,
  activation: OutputActivation,
  y: Tensor,
): Labelled | null {
  if (labels !== "labels") return null;
  // A value that is no logit predicts its label from ½ on.
  const logits = activation === "sigmoid" ? scores : scores.map((value) => value - 0.5);
  return { items: y.shape[0] as number, scores: logits, truth: storedValues(y) };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
