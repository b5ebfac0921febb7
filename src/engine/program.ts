import * as tf from "@tensorflow/tfjs-core";
import { codeOf, codeShape, decoderOf, type Model, samplingOf, trainedOutputs } from "../artifact/graph.js";
import type { Tensor } from "../artifact/tensor.js";
import type { TrainStage } from "../gen/stages.js";
import type { Draw, Pass } from "../layer.js";
import type { CrossingType, FunctionProgram, InputSpec, NamedTensors, StepProgram } from "./engine.js";
import { answersOf, deviationOf, inputsOf, itemResults, type WantedAnswers } from "./item-results.js";
import type { Items } from "./items.js";
import { Network } from "./network.js";
import type { Wanted } from "./nodes.js";
import type { Objective } from "./objective.js";
import { optimizerProgram } from "./optimizer-program.js";

/** How one tensor of a dataset crosses to the engine: everything about it but the number of items. */
export interface InputKind {
  readonly dtype: CrossingType;
  /** Of one item. */
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** How the columns that a program takes cross, by the names that it gives them. */
export type DataKinds = Readonly<Record<string, InputKind>>;

/** What a program is made for: a model, how data reaches it, and what is minimized. */
export interface ProgramSetup {
  readonly model: Model;
  readonly data: DataKinds;
  readonly objective: Objective;
}

/** How items cross. Class numbers cross as int32, whatever they are stored as. */
export function dataKinds({ columns }: Items): DataKinds {
  const kinds = Object.entries(columns).map(([name, { tensor, classes }]): [string, InputKind] => {
    if (!classes) return [name, inputKind(tensor)];
    return [name, { dtype: "int32", shape: tensor.shape.slice(1), scale: 1, offset: 0 }];
  });
  return Object.fromEntries(kinds);
}

/** Bytes and single precision cross as they are stored; any other type as scaled float32 values. */
function inputKind({ dtype, shape: [, ...shape], scale, offset }: Tensor): InputKind {
  if (dtype === "float32") return { dtype, shape, scale, offset };
  if (dtype === "uint8" || dtype === "bool") return { dtype: "uint8", shape, scale, offset };
  return { dtype: "float32", shape, scale: 1, offset: 0 };
}

/** What the host must supply besides data, and the model's state. Read after the engine has compiled. */
export interface ModelProgram {
  /** The random numbers among the inputs. */
  readonly draws: readonly Draw[];
  /** Names and shapes of the model's weights, in the order in which it declares them. */
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly trainable: boolean;
  }[];
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
      const items = itemResults(network.get(), inputs, setup.objective, passOf(inputs, true));
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
 * Loss and parts of every item, `[batch]` each, without dropout and without regularization; `loss` is among them. What is
 * drawn from the model's distributions is an input here too.
 */
export function evaluationProgram(setup: ProgramSetup, answers: WantedAnswers = {}): FunctionProgram & ModelProgram {
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
      const items = itemResults(network.get(), inputs, setup.objective, passOf(inputs, false));
      return { loss: items.loss, ...items.parts, ...answersOf(items, setup.model, setup.objective, answers) };
    },
  };
}

/** The model's inputs to its trained outputs by their names, with means in the place of what is drawn. */
export function predictionProgram(model: Model, data: DataKinds): FunctionProgram {
  const network = new LazyNetwork(model, { still: true });
  return {
    inputs: (batch) => dataInputs(data, batch),
    variables: () => network.get().makeVariables(null),
    outputs(inputs) {
      const run = network.get().run(inputsOf(model, inputs), passOf(inputs, false));
      return Object.fromEntries(trainedOutputs(model).map(({ name, node }) => [name, run.value(node)]));
    },
  };
}

/** The model's inputs to `mean` `[batch, …code]`, and where codes are drawn `scale`, the standard deviation. */
export function encodingProgram(model: Model, data: DataKinds): FunctionProgram {
  const sampling = samplingOf(model);
  const code = codeOf(model);
  if (code === undefined) throw new Error("a model without a decoder has no code");
  const nodes = sampling === null ? [code] : [code, sampling.scaleFrom];
  const network = new LazyNetwork(model, { nodes, still: true });
  return {
    inputs: (batch) => dataInputs(data, batch),
    variables: () => network.get().makeVariables(null),
    outputs(inputs) {
      const run = network.get().run(inputsOf(model, inputs), passOf(inputs, false));
      const mean = run.value(code);
      return sampling === null ? { mean } : { mean, scale: deviationOf(run, model) };
    },
  };
}

/** `z` `[batch, …code]` to `output` `[batch, …]`. */
export function decodingProgram(model: Model): FunctionProgram {
  const decoder = decoderOf(model);
  const shape = codeShape(model);
  if (decoder === null || shape === undefined) throw new Error("the model has no decoder");
  const network = new LazyNetwork(model, { nodes: [decoder.output], given: [decoder.input] });
  return {
    inputs: (batch) => [{ name: "z", shape: [batch, ...shape], dtype: "float32" }],
    variables: () => network.get().makeVariables(null),
    outputs(inputs) {
      const given = new Map([[decoder.input, inputs.z as tf.Tensor]]);
      return { output: network.get().run(given, passOf(inputs, false)).value(decoder.output) };
    },
  };
}

/** A network that is built when first needed: by then the engine has made its backend current. */
class LazyNetwork {
  readonly #make: () => Network;
  #network: Network | undefined;

  constructor(model: Model, wanted?: Partial<Wanted>) {
    this.#make = () => new Network(model, wanted);
  }

  get(): Network {
    this.#network ??= this.#make();
    return this.#network;
  }
}

function drawsOf({ draws }: Network, phase: "training" | "always"): readonly Draw[] {
  return phase === "training" ? draws : draws.filter((draw) => draw.when === "always");
}

/** What programs call random numbers: a layer may have the name that they give to a column. */
export function drawName(draw: string): string {
  return `draw.${draw}`;
}

function passOf(inputs: NamedTensors, training: boolean): Pass {
  return { training, draw: (name) => inputs[drawName(name)] ?? null };
}

function lossInputs(
  network: Network,
  { data }: ProgramSetup,
  batch: number,
  phase: "training" | "always",
): readonly InputSpec[] {
  return [...dataInputs(data, batch), ...drawsOf(network, phase).map((draw) => drawSpec(draw, batch))];
}

function dataInputs(data: DataKinds, batch: number): readonly InputSpec[] {
  return Object.entries(data).map(([name, { dtype, shape, scale, offset }]) => {
    return { name, shape: [batch, ...shape], dtype, scale, offset };
  });
}

/** Kept elements cross as bytes 0 and 1, and reach the program as 0 and 1 / (1 − rate). */
function drawSpec({ name, shape, distribution }: Draw, batch: number): InputSpec {
  const whole = { name: drawName(name), shape: [batch, ...shape] };
  if (distribution.kind === "normal") return { ...whole, dtype: "float32" };
  return { ...whole, dtype: "uint8", scale: 1 / (1 - distribution.rate), offset: 0 };
}
