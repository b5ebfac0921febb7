import * as tf from "@tensorflow/tfjs-core";
import { type Model, trainedOutputs } from "../artifact/graph.js";
import { sizeOf } from "../artifact/tensor.js";
import type { BuiltLayer, Draw, LayerWeight, Pass } from "../layer.js";
import { callLayer, makeVariables } from "./layer.js";
import { activated, type ModelOutput } from "./loss.js";
import {
  builtLayer,
  firstOfOwners,
  isDrawn,
  isFrozen,
  type NodeLayer,
  neededNodes,
  ownerOf,
  type Wanted,
  weightsOf,
} from "./nodes.js";
import { type OutputEnd, outputEnds } from "./output-end.js";

/** Name of an input or a node → its value `[batch, …]`. */
export type Values = ReadonlyMap<string, tf.Tensor>;

/** A node that is ready to compute. */
interface NetworkNode extends NodeLayer {
  readonly from: readonly string[];
  readonly end: OutputEnd | undefined;
}

/** A model, or the part of it that leads to some nodes, that can compute: after `makeVariables` filled with weights. */
export class Network {
  readonly model: Model;
  readonly #nodes: readonly NetworkNode[];
  readonly #weights: readonly LayerWeight[];

  /** @param wanted nodes are those of all trained outputs, unless given. */
  constructor(model: Model, wanted: Partial<Wanted> = {}) {
    const nodes = wanted.nodes ?? trainedOutputs(model).map(({ node }) => node);
    const ends = outputEnds(model, wanted.given);
    this.model = model;
    this.#nodes = neededNodes(model, { ...wanted, nodes }).map((node) => {
      const end = ends.get(node.name);
      const passes = end?.params === null || (wanted.still === true && isDrawn(node.kind));
      const layer = passes ? null : builtLayer(model, node, end?.params);
      const { name, from } = node;
      return { name, from, layer, owner: ownerOf(node), frozen: isFrozen(model, node), end };
    });
    this.#weights = weightsOf(this.#nodes);
  }

  /** Called once, on the backend that shall compute. Without a seed the weights are zeros, to be written later. */
  makeVariables(seed: number | null): readonly tf.Variable[] {
    return makeVariables(this.#weights, seed);
  }

  /** In the order in which the model declares them. */
  get weights(): readonly LayerWeight[] {
    return this.#weights;
  }

  get draws(): readonly Draw[] {
    return this.#nodes.flatMap(({ layer }) => layer?.draws ?? []);
  }

  /** Regularizers of the weights that are trained; of shared ones once. */
  penalties(): readonly tf.Scalar[] {
    return firstOfOwners(this.#nodes).flatMap(({ frozen, layer }) => (frozen ? [] : (layer?.penalties() ?? [])));
  }

  /** What layers add to the loss of every item beside the outputs, by name; after `run`. */
  itemLosses(): Readonly<Record<string, tf.Tensor1D>> {
    const losses: Record<string, tf.Tensor1D> = {};
    for (const { layer } of this.#nodes) {
      for (const [name, values] of Object.entries(layer?.itemLosses?.() ?? {})) {
        const known = losses[name];
        losses[name] = known === undefined ? values : tf.add(known, values);
      }
    }
    return losses;
  }

  /** @param given values of the inputs, and of nodes that are not to be computed. */
  run(given: Values, pass: Pass): NetworkRun {
    return new NetworkRun(this.#nodes, new Map(given), new Map(), pass);
  }
}

/** What a network has computed. */
export class NetworkRun {
  readonly #nodes: readonly NetworkNode[];
  readonly #values: Map<string, tf.Tensor>;
  /** Of nodes at the end of an output, what comes before its activation. */
  readonly #logits: Map<string, tf.Tensor>;
  readonly #pass: Pass;

  constructor(
    nodes: readonly NetworkNode[],
    values: Map<string, tf.Tensor>,
    logits: Map<string, tf.Tensor>,
    pass: Pass,
  ) {
    this.#nodes = nodes;
    this.#values = values;
    this.#logits = logits;
    this.#pass = pass;
    for (const node of nodes) if (!values.has(node.name) && !logits.has(node.name)) this.#compute(node);
  }

  /** The value of a node or an input `[batch, …]`. */
  value(name: string): tf.Tensor {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const logits = this.#logits.get(name);
    if (logits === undefined) throw new Error(`this network does not compute ${name}`);
    const value = tf.reshape(activated(this.output(name)), logits.shape);
    this.#values.set(name, value);
    return value;
  }

  /** The same `[batch, elements]`, up to the activation at its end where a trained output ends with it. */
  output(name: string): ModelOutput {
    const logits = this.#logits.get(name);
    if (logits === undefined) return { logits: flattened(this.value(name)), activation: "none" };
    const { end } = this.#nodes.find((node) => node.name === name) as NetworkNode;
    return { logits: flattened(logits), activation: end?.activation ?? "none" };
  }

  /** The same with means in the place of what was drawn; only what depends on draws is computed again. */
  still(): NetworkRun {
    const values = new Map(this.#values);
    const logits = new Map(this.#logits);
    const drawn = new Set<string>();
    for (const { name, from, layer } of this.#nodes) {
      if (!isDrawn(layer?.spec.kind) && !from.some((source) => drawn.has(source))) continue;
      drawn.add(name);
      values.delete(name);
      logits.delete(name);
    }
    const nodes = this.#nodes.map((node) => (isDrawn(node.layer?.spec.kind) ? { ...node, layer: null } : node));
    return drawn.size === 0 ? this : new NetworkRun(nodes, values, logits, this.#pass);
  }

  #compute({ name, from, layer, frozen, end }: NetworkNode): void {
    const isBehind = end !== undefined && end.params === undefined;
    const source = (input: string) => (isBehind ? (this.#logits.get(input) as tf.Tensor) : this.value(input));
    const inputs = (layer === null ? from.slice(0, 1) : from).map(source);
    const pass = frozen && layer !== null && keepsStatistics(layer) ? { ...this.#pass, training: false } : this.#pass;
    const result = layer === null ? (inputs[0] as tf.Tensor) : callLayer(layer, inputs, pass);
    (end === undefined ? this.#values : this.#logits).set(name, result);
  }
}

/** Whether the layer moves statistics along while it trains: frozen, it computes as it does outside of training. */
function keepsStatistics(layer: BuiltLayer): boolean {
  return layer.weights.some(({ trainable, idle }) => !trainable && idle !== true);
}

/** `[batch, …]` as `[batch, elements]`. */
export function flattened(x: tf.Tensor): tf.Tensor2D {
  if (x.rank === 2) return x as tf.Tensor2D;
  return tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]);
}
