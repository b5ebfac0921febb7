import { readFileSync } from "node:fs";
import type * as tf from "@tensorflow/tfjs-core";
import { trainedOutputs } from "../../src/artifact/graph.js";
import { type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Model } from "../../src/artifact/types.js";
import type { EngineName } from "../../src/base/engines.js";
import { RandomStream } from "../../src/base/random.js";
import type { Result } from "../../src/base/result.js";
import type { Engine } from "../../src/engine/engine.js";
import { buildGraph, loadEngine } from "../../src/engine/index.js";
import type { Items } from "../../src/engine/items.js";
import { callLayer } from "../../src/engine/layer.js";
import { builtLayer } from "../../src/engine/nodes.js";
import { type Objective, objectiveOf } from "../../src/engine/objective.js";
import type { Layer, LayerKind, LayerParams } from "../../src/gen/layers.js";
import type { TrainStage } from "../../src/gen/stages.js";
import type { BuiltLayer, Pass } from "../../src/layer.js";
import { type Arrays, datasetOfArrays } from "../datasets.js";
import { engineUnderTest } from "../rig/tensorflow.js";
import { type FamilyModel, graphOf, type Latent } from "./families.js";

export function unwrap<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The engine of this name, or the one that the tests are repeated with. */
export async function engineOf(name: string): Promise<Engine> {
  return unwrap(await loadEngine(engineUnderTest(name as EngineName)));
}

interface Property {
  readonly default?: unknown;
  readonly "x-kind"?: string;
}

/** Parameters as the checker hands them on: defaults of the schema filled in, kinds that are named spelled out. */
export function complete(folder: string, kind: string, given: Record<string, unknown> = {}): never {
  const file = new URL(`../../schemas/${folder}/${kind}.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(file, "utf8")) as { properties?: Record<string, Property> };
  const params: Record<string, unknown> = { ...given };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (params[name] === undefined && property.default !== undefined) params[name] = property.default;
    const chosen = params[name];
    if (property["x-kind"] !== undefined && typeof chosen === "string") {
      params[name] = { [chosen]: complete(property["x-kind"], chosen) };
    }
  }
  return params as never;
}

export function layer<K extends LayerKind>(kind: K, given: Partial<LayerParams[K]> = {}): Layer {
  return { [kind]: complete("layers", kind, given) } as unknown as Layer;
}

/** `add` or `concatenate` with `branches`, lists of layers that all take what it takes: `graphOf` writes them out. */
export function joined<K extends LayerKind>(
  kind: K,
  branches: readonly (readonly Layer[])[],
  given: Partial<LayerParams[K]> = {},
): Layer {
  const params: object = complete("layers", kind, given);
  return { [kind]: { ...params, branches } } as unknown as Layer;
}

export function training(given: Partial<TrainStage>): TrainStage {
  return complete("stages", "train", given);
}

export const ADAM = { adam: complete("optimizers", "adam", { learningRate: 0.01 }) } as TrainStage["optimizer"];
export const BCE = { "binary-crossentropy": {} } as const;
export const CROSSENTROPY = { "categorical-crossentropy": { labelSmoothing: 0 } } as const;
export const MSE = { "mean-squared-error": {} } as const;
export const VAE_LOSS = { reconstruction: BCE, kl: 1 } as const;

/** Of the only input. */
export function inputShape({ inputs }: Model): readonly number[] {
  return inputs[0]?.shape ?? [];
}

/** Of the first output that is trained. */
export function outputShape(model: Model): readonly number[] {
  return trainedOutputs(model)[0]?.shape ?? [];
}

/** Arrays as programs take them. */
export function itemsOf({ x, y }: Arrays): Items {
  const label = y === null ? {} : { y: { tensor: y, classes: !y.dtype.startsWith("float") } };
  return { columns: { x: { tensor: x, classes: false }, ...label } };
}

/** What a model is trained for by this loss, on data without names for their classes. */
export function objectiveFor(model: Model, loss: object, classWeights?: readonly number[]): Objective {
  const objective = unwrap(objectiveOf(model, undefined, { loss }));
  if (classWeights === undefined) return objective;
  return { ...objective, outputs: objective.outputs.map((output) => ({ ...output, classWeights })) };
}

/** The layers of a model, each as it is by itself. */
export function layersIn(model: Model): readonly BuiltLayer[] {
  return model.nodes.map((node) => builtLayer(model, node));
}

/** What a model of layers one after the other, or side by side, makes of its input. */
export function callModel(model: Model, layers: readonly BuiltLayer[], x: tf.Tensor, pass: Pass): tf.Tensor {
  const values = new Map(model.inputs.map(({ name }) => [name, x]));
  model.nodes.forEach(({ name, from }, i) => {
    const inputs = from.map((source) => values.get(source) as tf.Tensor);
    values.set(name, callLayer(layers[i] as BuiltLayer, inputs, pass));
  });
  return values.get(model.outputs[0]?.node as string) as tf.Tensor;
}

export async function modelOf(described: FamilyModel, inputShape: readonly number[]): Promise<Model> {
  return unwrap(await buildGraph(graphOf(described), () => inputShape));
}

export function sequentialOf(...layers: Layer[]): FamilyModel {
  return { family: "sequential", layers };
}

export function vaeOf(pixels: number, hidden: number, latent: Partial<Latent> = {}): FamilyModel {
  return {
    family: "variational-autoencoder",
    encoder: [layer("dense", { units: hidden, activation: "relu" })],
    latent: { units: 2, noise: 0.1, scale: "exp", ...latent },
    decoder: [
      layer("dense", { units: hidden, activation: "relu" }),
      layer("dense", { units: pixels, activation: "sigmoid" }),
    ],
  };
}

/** Bytes as pixels between 0 and 1. */
export function pixels(shape: readonly number[], seed = 1): Tensor<"uint8"> {
  const size = shape.reduce((a, b) => a * b, 1);
  const uniforms = new RandomStream(seed, ["pixels"]).uniforms(new Float32Array(size));
  return tensorOf(
    "uint8",
    shape,
    Uint8Array.from(uniforms, (u) => Math.floor(u * 256)),
    { scale: 1 / 255 },
  );
}

/** Classes that a dense layer can learn: the class's pixels are bright. Test has a third of the items. */
export function blobs(items: number, size = 6, classes = 3): Dataset {
  const split = (count: number, seed: number) => {
    const noise = new RandomStream(seed, ["blobs"]).uniforms(new Float32Array(count * size));
    const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
    const bytes = Uint8Array.from(noise, (u, i) => {
      const label = labels[Math.floor(i / size)] as number;
      return (i % size) % classes === label ? 155 + u * 100 : u * 100;
    });
    return { x: tensorOf("uint8", [count, size], bytes, { scale: 1 / 255 }), y: tensorOf("uint8", [count], labels) };
  };
  return datasetOfArrays({
    name: "blobs",
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    splits: { train: split(items, 1), test: split(Math.ceil(items / 3), 2) },
  });
}
