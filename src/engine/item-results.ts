import * as tf from "@tensorflow/tfjs-core";
import { codeOf, isReconstruction, type Model, reconstructedInput, samplingOf } from "../artifact/graph.js";
import type { Pass } from "../layer.js";
import type { NamedTensors } from "./engine.js";
import { perItemLoss } from "./item-loss.js";
import { inputName, targetName } from "./items.js";
import { activated, type ModelOutput } from "./loss.js";
import { flattened, type Network, type NetworkRun } from "./network.js";
import { lossName, type Objective, type OutputObjective, prefixOf } from "./objective.js";

/** Numbers per item, each `[batch]`. */
export interface ItemResults {
  /** What is minimized, its mean taken over the batch. */
  readonly loss: tf.Tensor1D;
  /** Parts of the loss and measures beside it. */
  readonly parts: Readonly<Record<string, tf.Tensor1D>>;
  readonly run: NetworkRun;
}

/** Names of the answers of an evaluation. */
export const ANSWER = {
  /** What is compared with a column, before its activation. */
  scores: (output: string) => `answer.scores.${output}`,
  /** A reconstructed input. */
  rebuilt: (output: string) => `answer.rebuilt.${output}`,
  mean: "answer.mean",
  deviation: "answer.deviation",
} as const;

/** Which answers an evaluation gives: those that metrics are computed from, and those that are kept of every item. */
export interface WantedAnswers {
  readonly scores?: boolean;
  readonly items?: boolean;
}

/** Runs the model and compares its outputs. @param data by the names of `inputName` and `targetName`. */
export function itemResults(network: Network, data: NamedTensors, objective: Objective, pass: Pass): ItemResults {
  const { model } = network;
  const run = network.run(inputsOf(model, data), pass);
  const parts: Record<string, tf.Tensor1D> = {};
  const counted: tf.Tensor1D[] = [];
  const count = (loss: tf.Tensor1D, weight: number) => counted.push(weight === 1 ? loss : tf.mul(loss, weight));
  for (const one of objective.outputs) {
    const output = run.output(one.output.node);
    const target = targetOf(model, one, data, output);
    const loss = lossOf(one, output, target, pass);
    const name = lossName(objective, one);
    if (name !== undefined) parts[name] = loss;
    if (classifies(one, data, model)) parts[`${prefixOf(objective, one)}accuracy`] = accuracy(output, target);
    count(loss, one.weight);
  }
  for (const [name, values] of Object.entries(network.itemLosses())) {
    parts[name] = values;
    count(values, objective.terms[name] ?? 1);
  }
  return { loss: counted.reduce((sum, loss) => tf.add(sum, loss)), parts, run };
}

/** The model's outputs for each item `[batch, …]`, with means in the place of what is drawn. */
export function answersOf(
  { run }: ItemResults,
  model: Model,
  { outputs }: Objective,
  { scores = false, items = false }: WantedAnswers,
): Readonly<Record<string, tf.Tensor>> {
  const answers: Record<string, tf.Tensor> = items ? codesOf(run, model) : {};
  const still = run.still();
  for (const { output } of outputs) {
    const rebuilds = isReconstruction(output);
    if (rebuilds && items) answers[ANSWER.rebuilt(output.name)] = activated(still.output(output.node));
    if (!rebuilds && scores) answers[ANSWER.scores(output.name)] = still.output(output.node).logits;
  }
  return answers;
}

/** Means and standard deviations of codes, or codes that are not drawn. */
function codesOf(run: NetworkRun, model: Model): Record<string, tf.Tensor> {
  const code = codeOf(model);
  if (code === undefined) return {};
  const mean = flattened(run.value(code));
  if (samplingOf(model) === null) return { [ANSWER.mean]: mean };
  return { [ANSWER.mean]: mean, [ANSWER.deviation]: flattened(deviationOf(run, model)) };
}

/** The standard deviation of what is drawn as the code, σ(s) · noise. */
export function deviationOf(run: NetworkRun, model: Model): tf.Tensor {
  const sampling = samplingOf(model);
  if (sampling === null) throw new Error("the model draws nothing");
  const s = run.value(sampling.scaleFrom);
  return tf.mul(tf.exp(sampling.scale === "exp" ? s : tf.mul(s, 0.5)), sampling.noise);
}

export function inputsOf(model: Model, data: NamedTensors): ReadonlyMap<string, tf.Tensor> {
  return new Map(model.inputs.map(({ name }) => [name, data[inputName(model, name)] as tf.Tensor]));
}

/** `[batch, elements]`: an input, a column, or for classes rows with a 1 at the class; of a single output, its number. */
function targetOf(model: Model, { output, labels }: OutputObjective, data: NamedTensors, { logits }: ModelOutput) {
  const input = reconstructedInput(model, output);
  if (input !== undefined) return flattened(data[inputName(model, input.name)] as tf.Tensor);
  const y = data[targetName(model, output.target as string)];
  if (y === undefined) throw new Error(`there are no values of the column ${output.target}`);
  const outputs = logits.shape[1];
  if (y.dtype !== "int32") return flattened(y);
  if (outputs === 1 || labels !== "classes") return flattened(tf.cast(y, "float32"));
  return tf.oneHot(y as tf.Tensor1D, outputs) as tf.Tensor2D;
}

/** Of an input the sum over its elements, of anything else the mean. */
function lossOf(one: OutputObjective, output: ModelOutput, target: tf.Tensor2D, pass: Pass): tf.Tensor1D {
  const rebuilds = isReconstruction(one.output);
  const manner = rebuilds
    ? ({ reduction: "sum", exact: !pass.training } as const)
    : ({ reduction: "mean", exact: true } as const);
  return weighted(perItemLoss(one.loss, output, target, manner), target, one.classWeights);
}

function weighted(loss: tf.Tensor1D, target: tf.Tensor2D, weights: OutputObjective["classWeights"]): tf.Tensor1D {
  if (weights === undefined) return loss;
  if (target.shape[1] > 1) return tf.mul(loss, tf.sum(tf.mul(target, tf.tensor1d([...weights])), 1));
  const [no, yes] = weights as [number, number];
  return tf.mul(loss, tf.add(tf.mul(tf.squeeze(target, [1]), yes - no), no));
}

function classifies({ output, labels }: OutputObjective, data: NamedTensors, model: Model): boolean {
  if (isReconstruction(output) || labels !== "classes") return false;
  return data[targetName(model, output.target as string)]?.dtype === "int32";
}

/** 1 where the largest output is the true class's; for a single output, where it is on the right side of ½. */
function accuracy(output: ModelOutput, target: tf.Tensor2D): tf.Tensor1D {
  const right =
    target.shape[1] > 1
      ? tf.equal(tf.argMax(output.logits, 1), tf.argMax(target, 1))
      : tf.equal(isYes(output), tf.greater(tf.squeeze(target, [1]), 0.5));
  return tf.cast(right, "float32") as tf.Tensor1D;
}

/** A sigmoid is beyond ½ where its logit is above 0; close to it the sigmoid itself rounds to ½. */
function isYes({ logits, activation }: ModelOutput): tf.Tensor {
  return tf.greater(tf.squeeze(logits, [1]), activation === "sigmoid" ? 0 : 0.5);
}
