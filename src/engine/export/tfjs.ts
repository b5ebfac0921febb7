import * as tf from "@tensorflow/tfjs-core";
import { input, type LayersModel, layers, model as modelOf, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { type Model, type Sampling, samplingOf } from "../../artifact/graph.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ExportedFile } from "../../base/exported.js";
import { err, ok, type Result } from "../../base/result.js";
import type { BuiltLayer, LibraryLayer } from "../../layer.js";
import { useBackend } from "../eager/backend.js";
import { makeVariables } from "../layer.js";
import { builtLayer, isDrawn, type NodeLayer, neededNodes, ownerOf, weightsOf } from "../nodes.js";
import { type ExportedPart, exportedParts } from "./parts.js";

/**
 * Every part of a model as TensorFlow.js Layers keeps models: a folder with `model.json` (architecture, names and shapes
 * of the weights) and `weights.bin`. Only layers of the library are in it, so that `tf.loadLayersModel` needs nothing
 * of ours.
 *
 * @returns `layer-not-in-tfjs` for every layer that the library cannot compute.
 */
export async function tfjsFiles(
  model: Model,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<Result<readonly ExportedFile[], Diagnostic[]>> {
  await useBackend("cpu");
  const nodes = model.nodes.map((node): NodeLayer => {
    const layer = isDrawn(node.kind) ? null : builtLayer(model, node);
    return { name: node.name, owner: ownerOf(node), frozen: false, layer };
  });
  const missing = nodes.flatMap(({ layer }) => (layer === null ? [] : notInLibrary(layer)));
  if (missing.length > 0) return err(missing);
  const variables = makeVariables(weightsOf(nodes), null);
  try {
    for (const variable of variables) {
      tf.tidy(() => variable.assign(tf.tensor(weights[variable.name] as Float32Array, variable.shape)));
    }
    const built = new Map(nodes.map((node) => [node.name, node]));
    const files: ExportedFile[] = [];
    for (const part of exportedParts(model)) {
      const whole = layersModel(part, model, built);
      files.push(...(await filesOf(part.name, whole)));
      whole.dispose();
    }
    return ok(files);
  } finally {
    for (const variable of variables) variable.dispose();
  }
}

function notInLibrary({ spec, library }: BuiltLayer): readonly Diagnostic[] {
  if (library() !== null) return [];
  return [
    {
      code: "layer-not-in-tfjs",
      severity: "error",
      message: `the layer ${spec.name} cannot be written: TensorFlow.js has no ${spec.kind} with these parameters`,
      received: JSON.stringify(spec.params),
      fix: "Write it with --format onnx, which can say every layer.",
    },
  ];
}

/** The part as a functional model of the library. */
function layersModel(part: ExportedPart, model: Model, built: ReadonlyMap<string, NodeLayer>): LayersModel {
  const inputs = part.inputs.map(({ name, shape }) => input({ shape: [...shape], name }));
  const values = new Map(part.inputs.map(({ source }, i) => [source, inputs[i] as SymbolicTensor]));
  const wanted = { nodes: part.outputs.map(({ source }) => source), given: [...values.keys()], still: true };
  const library = new LibraryCopies(part);
  for (const { name, from } of neededNodes(model, wanted)) {
    const sources = from.flatMap((source) => values.get(source) ?? []);
    values.set(name, library.apply(built.get(name) as NodeLayer, sources));
  }
  const outputs: SymbolicTensor[] = [];
  for (const { name, source } of part.outputs) {
    const value = values.get(source) as SymbolicTensor;
    const isScale = part.name === "encoder" && name === "scale";
    const output = isScale ? deviation(value, samplingOf(model) as Sampling) : value;
    outputs.push(outputs.includes(output) ? library.again(name, output) : output);
  }
  return modelOf({ inputs, outputs, name: part.name });
}

/** The library's layers of one model. What was made for one cannot be in another, so that each has copies. */
class LibraryCopies {
  /** Of nodes that share weights one layer, which is called more than once. */
  readonly #copies = new Map<string, readonly layers.Layer[]>();
  readonly #names: Set<string>;
  readonly #part: ExportedPart;

  constructor(part: ExportedPart) {
    this.#part = part;
    this.#names = new Set([...part.inputs.map(({ name }) => name), "scale", "scale_shifted", "scale_softplus"]);
  }

  /** @returns what the node gives. */
  apply({ name, owner, layer }: NodeLayer, inputs: readonly SymbolicTensor[]): SymbolicTensor {
    const known = this.#copies.get(owner);
    const stock = layer?.library() ?? [];
    const called = known ?? stock.map((one, i) => copyOf(one, this.#nameFor(name, stock.length - 1 - i)));
    this.#copies.set(owner, called);
    const [first, ...others] = inputs as [SymbolicTensor, ...SymbolicTensor[]];
    let value: SymbolicTensor | SymbolicTensor[] = others.length > 0 && layer !== null ? [...inputs] : first;
    for (const copy of called) value = copy.apply(value) as SymbolicTensor;
    // They have their weights once they were called.
    if (known === undefined) stock.forEach((one, i) => void tf.tidy(() => called[i]?.setWeights(weightsIn(one))));
    return value as SymbolicTensor;
  }

  /** A value once more: the library computes no model of which two outputs are one. */
  again(name: string, value: SymbolicTensor): SymbolicTensor {
    return layers.activation({ activation: "linear", name: this.#nameFor(name, 0) }).apply(value) as SymbolicTensor;
  }

  /** A name of its own, which says what an encoder's output is. @param before how many of the node's layers follow. */
  #nameFor(node: string, before: number): string {
    const isMean = this.#part.outputs.some(({ name, source }) => name === "mean" && source === node);
    const plain = node.replaceAll("/", "_");
    // The library takes no name that begins otherwise, and loads none that every object has, such as `constructor`.
    const own = /^[A-Za-z0-9]/.test(plain) && !(plain in Object.prototype) ? plain : `layer_${plain}`;
    const wanted = `${isMean ? "mean" : own}${before > 0 ? `_before${before}` : ""}`;
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}

function copyOf({ layer, settings }: LibraryLayer, name: string): layers.Layer {
  const kind = layer.constructor as unknown as { fromConfig(kind: unknown, config: object): layers.Layer };
  const forgotten = forgottenSettings(layer);
  const copy = kind.fromConfig(kind, { ...layer.getConfig(), ...forgotten, ...settings, name });
  const own = copy.getConfig.bind(copy);
  copy.getConfig = () => ({ ...own(), ...forgotten });
  copy.setFastWeightInitDuringBuild(true);
  return copy;
}

function weightsIn({ layer, weights }: LibraryLayer): tf.Tensor[] {
  return weights?.() ?? layer.weights.map((weight) => weight.read());
}

/** What a separable convolution reads but does not write. */
function forgottenSettings(layer: layers.Layer): { readonly depthMultiplier?: number } {
  const { depthMultiplier } = layer as unknown as { readonly depthMultiplier?: number };
  return depthMultiplier === undefined ? {} : { depthMultiplier };
}

const SHIFT = 24;

/**
 * The standard deviation σ(s) · noise, σ = exp(s) or exp(s/2), by layers of the library, which has no exponential:
 * softplus(t) = log(1 + eᵗ) = eᵗ · (1 − eᵗ/2 + …), so softplus(t − 24) · e²⁴ is eᵗ within 1e-6 of it up to t = 10.
 */
function deviation(s: SymbolicTensor, { noise, scale }: Sampling): SymbolicTensor {
  const steps = [
    layers.rescaling({ scale: scale === "exp" ? 1 : 0.5, offset: -SHIFT, name: "scale_shifted" }),
    layers.activation({ activation: "softplus", name: "scale_softplus" }),
    layers.rescaling({ scale: noise * Math.exp(SHIFT), offset: 0, name: "scale" }),
  ];
  return steps.reduce((value, layer) => layer.apply(value) as SymbolicTensor, s);
}

async function filesOf(part: string, model: LayersModel): Promise<readonly ExportedFile[]> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  if (saved === undefined) throw new Error("the library saved nothing");
  const { modelTopology, format, generatedBy, convertedBy, weightSpecs, weightData } = saved;
  const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
  const json = JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest });
  return [
    { name: `${part}/model.json`, content: new TextEncoder().encode(`${json}\n`) },
    { name: `${part}/weights.bin`, content: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)) },
  ];
}
