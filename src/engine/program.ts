import * as tf from "@tensorflow/tfjs-core";
import { partsOf } from "../artifact/parts.js";
import type { Tensor } from "../artifact/tensor.js";
import type { Model } from "../artifact/types.js";
import type { TrainStage } from "../gen/stages.js";
import type { Draw, Pass } from "../layer.js";
import type { CrossingType, FunctionProgram, InputSpec, NamedTensors, StepProgram } from "./engine.js";
import { families } from "./families/index.js";
import { posterior } from "./families/variational-autoencoder.js";
import type { ItemResults, Objective } from "./family.js";
import { type Items, predictsNumbers } from "./items.js";
import { activated } from "./loss.js";
import { Network } from "./network.js";
import { optimizerProgram } from "./optimizer-program.js";

/** How one tensor of a dataset crosses to the engine: everything about it but the number of items. */
export interface InputKind {
  readonly dtype: CrossingType;
  /** Of one item. */
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

export interface DataKinds {
  readonly x: InputKind;
  readonly y?: InputKind;
}

/** What a program is made for: a model, how data reaches it, and what counts as good. */
export interface ProgramSetup {
  readonly model: Model;
  readonly data: DataKinds;
  readonly objective: Objective;
}

/** How items cross. Class numbers cross as int32, whatever they are stored as. */
export function dataKinds(items: Items): DataKinds {
  const x = inputKind(items.x);
  if (items.y === null) return { x };
  if (predictsNumbers(items)) return { x, y: inputKind(items.y) };
  return { x, y: { dtype: "int32", shape: items.y.shape.slice(1), scale: 1, offset: 0 } };
}

/** Bytes and single precision cross as they are stored; what else there is, as the values that it stands for. */
function inputKind({ dtype, shape: [, ...shape], scale, offset }: Tensor): InputKind {
  if (dtype === "float32") return { dtype, shape, scale, offset };
  if (dtype === "uint8" || dtype === "bool") return { dtype: "uint8", shape, scale, offset };
  return { dtype: "float32", shape, scale: 1, offset: 0 };
}

/** What the host must bring besides data, and what the model's state is. Read after the engine has compiled. */
export interface ModelProgram {
  /** The random numbers among the inputs. */
  readonly draws: readonly Draw[];
  /** Names and shapes of the model's weights, in the order in which it declares them. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** One training step of the model as a program: forward, loss, and (by the engine) gradients and the optimizer. */
export function trainingProgram(
  setup: ProgramSetup,
  params: Pick<TrainStage, "optimizer" | "clip">,
  seed: number,
): StepProgram & ModelProgram {
  const network = new LazyNetwork(setup.model);
  return {
    get draws() {
      return drawsOf(network.get(), "training");
    },
    get weights() {
      return network.get().weights;
    },
    inputs: (batch) => lossInputs(network.get(), setup, batch, "training"),
    variables: () => network.get().makeVariables(seed),
    loss(inputs) {
      const items = itemResults(network.get(), setup, inputs, true);
      const parts: Record<string, tf.Scalar> = {};
      for (const [name, values] of Object.entries(items.parts)) parts[name] = tf.mean(values);
      let loss = tf.mean(items.loss) as tf.Scalar;
      const penalties = network.get().penalties();
      if (penalties.length > 0) {
        const regularization = tf.addN([...penalties]);
        parts.regularization = regularization;
        loss = tf.add(loss, regularization);
      }
      return { loss, parts };
    },
    optimizer: optimizerProgram(params.optimizer, params.clip),
  };
}

/**
 * Loss and parts of every item, `[batch]` each, without dropout and without regularization; `loss` is among them. A
 * variational autoencoder's noise is an input here too.
 * @param answers whether it also gives what the model says of each item.
 */
export function evaluationProgram(setup: ProgramSetup, answers = false): FunctionProgram & ModelProgram {
  const network = new LazyNetwork(setup.model);
  return {
    get draws() {
      return drawsOf(network.get(), "always");
    },
    get weights() {
      return network.get().weights;
    },
    inputs: (batch) => lossInputs(network.get(), setup, batch, "always"),
    variables: () => network.get().makeVariables(null),
    outputs(inputs) {
      const items = itemResults(network.get(), setup, inputs, false);
      return { loss: items.loss, ...items.parts, ...(answers ? items.answers() : {}) };
    },
  };
}

/** `x` to `output`: class probabilities, predicted values, or for autoencoders the reconstruction from the means. */
export function predictionProgram(model: Model, x: InputKind): FunctionProgram {
  const network = new LazyNetwork(model);
  return {
    inputs: (batch) => [inputSpec("x", x, batch)],
    variables: () => network.get().makeVariables(null),
    outputs: ({ x }) => ({ output: modelOutput(network.get(), latentMean(network.get(), x as tf.Tensor)) }),
  };
}

/** `x` to `mean` `[batch, latent]` or `[batch, …code]`, and for variational models `scale`, the standard deviation. */
export function encodingProgram(model: Model, x: InputKind): FunctionProgram {
  const network = new LazyNetwork(model, ["encoder", "latent"]);
  return {
    inputs: (batch) => [inputSpec("x", x, batch)],
    variables: () => network.get().makeVariables(null),
    outputs({ x }) {
      const noise = partsOf(model).latent?.noise;
      if (noise === undefined) return { mean: network.get().call("encoder", x as tf.Tensor, INFERENCE) };
      const { mean, deviation } = posterior(network.get(), x as tf.Tensor, INFERENCE);
      return { mean, scale: tf.mul(deviation, noise) };
    },
  };
}

/** `z` `[batch, …code]` to `output` `[batch, …]`. */
export function decodingProgram(model: Model): FunctionProgram {
  const network = new LazyNetwork(model, ["decoder"]);
  const shape = partsOf(model).parts.at(-1)?.inputShape as readonly number[];
  return {
    inputs: (batch) => [{ name: "z", shape: [batch, ...shape], dtype: "float32" }],
    variables: () => network.get().makeVariables(null),
    outputs: ({ z }) => ({ output: modelOutput(network.get(), z as tf.Tensor) }),
  };
}

/** A network that is built when first needed: by then the engine has made its backend current. */
class LazyNetwork {
  readonly #make: () => Network;
  #network: Network | undefined;

  constructor(model: Model, parts?: readonly string[]) {
    this.#make = () => new Network(model, parts);
  }

  get(): Network {
    this.#network ??= this.#make();
    return this.#network;
  }
}

/** The draws that a program takes as inputs, in their order: the model's layers', then its family's. */
function drawsOf(network: Network, phase: "training" | "always"): readonly Draw[] {
  const draws = [...network.draws, ...families[partsOf(network.model).family].draws(network)];
  return phase === "training" ? draws : draws.filter((draw) => draw.when === "always");
}

const INFERENCE: Pass = {
  training: false,
  draw: () => null,
};

function itemResults(network: Network, setup: ProgramSetup, inputs: NamedTensors, training: boolean): ItemResults {
  const pass: Pass = { training, draw: (name) => inputs[name] ?? null };
  const batch = { x: inputs.x as tf.Tensor, ...(inputs.y === undefined ? {} : { y: inputs.y }) };
  return families[partsOf(setup.model).family].itemResults(network, batch, setup.objective, pass);
}

/** What the last part sees where nothing is drawn. */
function latentMean(network: Network, x: tf.Tensor): tf.Tensor {
  switch (partsOf(network.model).family) {
    case "sequential":
      return x;
    case "autoencoder":
      return network.call("encoder", x, INFERENCE);
    case "variational-autoencoder":
      return posterior(network, x, INFERENCE).mean;
  }
}

function modelOutput(network: Network, x: tf.Tensor): tf.Tensor {
  const values = activated(network.output(x, INFERENCE));
  return tf.reshape(values, [x.shape[0] as number, ...partsOf(network.model).outputShape]);
}

function lossInputs(
  network: Network,
  { model, data }: ProgramSetup,
  batch: number,
  phase: "training" | "always",
): InputSpec[] {
  const labels = partsOf(model).family === "sequential" && data.y !== undefined ? [inputSpec("y", data.y, batch)] : [];
  return [inputSpec("x", data.x, batch), ...labels, ...drawsOf(network, phase).map((draw) => drawSpec(draw, batch))];
}

function inputSpec(name: string, { dtype, shape, scale, offset }: InputKind, batch: number): InputSpec {
  return { name, shape: [batch, ...shape], dtype, scale, offset };
}

/** Kept elements cross as bytes 0 and 1, and reach the program as 0 and 1 / (1 − rate). */
function drawSpec({ name, shape, distribution }: Draw, batch: number): InputSpec {
  const whole = [batch, ...shape];
  if (distribution.kind === "normal") return { name, shape: whole, dtype: "float32" };
  return { name, shape: whole, dtype: "uint8", scale: 1 / (1 - distribution.rate), offset: 0 };
}
