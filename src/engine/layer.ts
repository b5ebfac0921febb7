import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { RandomStream } from "../base/random.js";
import type { Initializer } from "../gen/initializers.js";
import type { Activation, Regularizer } from "../gen/shared.js";
import { withLibraryActivation } from "./activations.js";
import { initialValues } from "./initializers.js";
import type { LibraryLayer } from "./library.js";
import { penaltyOf } from "./regularizer.js";
import { namedVariable } from "./variables.js";

/** Without the batch: `[784]`, `[28, 28, 1]`. */
export type Shape = readonly number[];

/** How the elements of a random draw are distributed: standard normal, or 1 with probability 1 − rate and else 0. */
export type Distribution = { readonly kind: "normal" } | { readonly kind: "keep"; readonly rate: number };

/** Random numbers that a model takes as an input, so that every engine computes with the same. */
export interface Draw {
  /** Unique in the model; names the program's input and the random stream. */
  readonly name: string;
  /** Of one item. */
  readonly shape: Shape;
  readonly distribution: Distribution;
  /** Made in training only (dropout), or whenever the loss is computed (the latent noise). */
  readonly when: "training" | "always";
}

/** What a layer is told besides its input. */
export interface Pass {
  readonly training: boolean;
  /** The draw of that name `[batch, …shape]`; a `keep` draw comes as 0 or 1 / (1 − rate). */
  draw(name: string): tf.Tensor;
}

/** One layer as YAML or a model artifact names it. */
export interface LayerSpec {
  readonly name: string;
  readonly kind: string;
  readonly params: unknown;
  readonly branches?: readonly (readonly LayerSpec[])[];
}

/** A weight before it has a value: all that is needed to count it, name it and fill it. */
export interface LayerWeight {
  /** With the layer's name in front: `encoder/dense/kernel`. */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  /** The model has no such weight: the library's layer wants one all the same, which keeps its initial values. */
  readonly idle?: true;
  initial(stream: RandomStream): Float32Array;
  /** Gives the layer the variable that it shall compute with. */
  adopt(variable: tf.Variable): void;
}

/** A layer made for one input shape. */
export interface BuiltLayer {
  readonly spec: LayerSpec;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly weights: readonly LayerWeight[];
  readonly draws: readonly Draw[];
  readonly branches?: readonly (readonly BuiltLayer[])[];
  /** `[batch, …inputShape]` to `[batch, …outputShape]`. */
  call(x: tf.Tensor, pass: Pass): tf.Tensor;
  /** Sums of the weights' regularizers: scalars to add to the loss. */
  penalties(): readonly tf.Scalar[];
  /**
   * Layers of the library that compute the same outside of training, one after the other, with these weights; null
   * where the library has none. A layer of branches gives the one that merges them. For files that other programs read.
   */
  library(): readonly LibraryLayer[] | null;
}

/** What a file in `layers/` exports. It may throw `LayerError` where the parameters do not fit the input's shape. */
export interface LayerKind {
  build(spec: LayerSpec, inputShape: Shape, buildBranch: BuildBranch): BuiltLayer;
}
export type BuildBranch = (specs: readonly LayerSpec[], inputShape: Shape) => readonly BuiltLayer[];

/** A layer that cannot be built as written: the user's mistake, not ours. */
export class LayerError extends Error {}

/**
 * A layer of tfjs-layers. It is built with zeros; its variables are then replaced by ours, so that initial values and
 * names do not depend on the library's global counters.
 */
export function stockLayer<P>(definition: {
  make(params: P): layers.Layer;
  /** Initializer by the library's weight name, for all weights that do not start as zeros. */
  initializers?(params: P): StockInitializers;
  /** By the library's weight name. */
  regularizers?(params: P): StockRegularizers;
  /** Weights, by the library's name, that these parameters switch off although the library computes with them. */
  idle?(params: P): readonly string[];
  /** Called when the layer has its weights, before its output's shape is asked for. */
  built?(layer: layers.Layer, params: P): void;
  /** Null where only we can compute these parameters; unless given, the layer itself. */
  library?(layer: layers.Layer, params: P): readonly LibraryLayer[] | null;
}): LayerKind {
  return {
    build(spec, inputShape) {
      const params = spec.params as P;
      const layer = definition.make(params);
      layer.setFastWeightInitDuringBuild(true);
      layer.build([null, ...inputShape]);
      layer.built = true;
      assertTakes(layer, inputShape);
      definition.built?.(layer, params);
      const outputShape = (layer.computeOutputShape([null, ...inputShape]) as (number | null)[]).slice(1) as number[];
      const initializers = definition.initializers?.(params) ?? {};
      const regularizers = definition.regularizers?.(params) ?? {};
      const idle = definition.idle?.(params) ?? [];
      const { activation } = params as { readonly activation?: Activation };
      return {
        spec,
        inputShape,
        outputShape,
        weights: layer.weights.map((weight) => ({
          ...stockWeight(weight, spec.name, initializers),
          ...(idle.includes(weight.originalName) ? { trainable: false, idle: true as const } : {}),
        })),
        draws: [],
        call: (x, pass) => layer.apply(x, { training: pass.training }) as tf.Tensor,
        penalties: () => layer.weights.flatMap((weight) => penalties(weight, regularizers)),
        library: () =>
          definition.library === undefined
            ? withLibraryActivation(layer, activation)
            : definition.library(layer, params),
      };
    },
  };
}

export type StockInitializers = Readonly<Record<string, Initializer | InitialFill>>;
export type StockRegularizers = Readonly<Record<string, Regularizer | undefined>>;
/** Initial values that no initializer makes, such as an LSTM's bias. */
export type InitialFill = (shape: Shape, stream: RandomStream) => Float32Array;

/** The library's own check of an input, which it makes at the first call only; throws if the shape is not for this layer. */
function assertTakes(layer: layers.Layer, inputShape: Shape): void {
  const shape = [1, ...inputShape];
  const check = layer as unknown as { assertInputCompatibility(input: object): void };
  check.assertInputCompatibility({ shape, rank: shape.length, dtype: "float32" });
}

type StockVariable = layers.Layer["weights"][number];

/** `val` is protected in the library's types; it is what read() and write() use. */
function slotOf(weight: StockVariable): { val: tf.Variable } {
  return weight as unknown as { val: tf.Variable };
}

function penalties(weight: StockVariable, regularizers: StockRegularizers): readonly tf.Scalar[] {
  const regularizer = regularizers[weight.originalName];
  const penalty = regularizer === undefined ? null : penaltyOf(slotOf(weight).val, regularizer);
  return penalty === null ? [] : [penalty];
}

function stockWeight(weight: StockVariable, layer: string, initializers: StockInitializers): LayerWeight {
  const shape = weight.shape as number[];
  const local = weight.originalName;
  const initializer = initializers[local] ?? { zeros: {} };
  const slot = slotOf(weight);
  return {
    name: `${layer}/${local}`,
    shape,
    trainable: weight.trainable,
    initial: (stream) =>
      typeof initializer === "function" ? initializer(shape, stream) : initialValues(initializer, shape, stream),
    adopt(variable) {
      slot.val.dispose();
      slot.val = variable;
    },
  };
}

/** A layer of ours that is active in training only and takes its random numbers as an input. */
export function noiseLayer<P>(definition: {
  distribution(params: P): Distribution;
  apply(x: tf.Tensor, draw: tf.Tensor, params: P): tf.Tensor;
  library(params: P): layers.Layer;
}): LayerKind {
  return {
    build(spec, inputShape) {
      const params = spec.params as P;
      return {
        spec,
        inputShape,
        outputShape: inputShape,
        weights: [],
        draws: [
          { name: spec.name, shape: inputShape, distribution: definition.distribution(params), when: "training" },
        ],
        call: (x, pass) => (pass.training ? definition.apply(x, pass.draw(spec.name), params) : x),
        penalties: () => [],
        library: () => [{ layer: definition.library(params) }],
      };
    },
  };
}

/** A layer of ours without weights. */
export function mapLayer<P>(definition: {
  outputShape(inputShape: Shape, params: P): Shape;
  call(x: tf.Tensor, params: P): tf.Tensor;
  /** Null where the library has no such layers. */
  library(params: P, inputShape: Shape, outputShape: Shape): readonly LibraryLayer[] | null;
}): LayerKind {
  return {
    build(spec, inputShape) {
      const params = spec.params as P;
      const outputShape = definition.outputShape(inputShape, params);
      return {
        spec,
        inputShape,
        outputShape,
        weights: [],
        draws: [],
        call: (x) => definition.call(x, params),
        penalties: () => [],
        library: () => definition.library(params, inputShape, outputShape),
      };
    },
  };
}

/** A layer of branches: each takes the input, and their outputs are merged. An empty branch passes the input on. */
export function mergeLayer(definition: {
  /** Throws `LayerError` where the branches do not fit together; `layer` is the name for the message. */
  outputShape(branches: readonly Shape[], layer: string): Shape;
  merge(outputs: readonly tf.Tensor[]): tf.Tensor;
  library(): layers.Layer;
}): LayerKind {
  return {
    build(spec, inputShape, buildBranch) {
      const branches = (spec.branches ?? []).map((branch) => buildBranch(branch, inputShape));
      const shapes = branches.map((branch) => branch.at(-1)?.outputShape ?? inputShape);
      const all = branches.flat();
      return {
        spec,
        inputShape,
        outputShape: definition.outputShape(shapes, spec.name),
        weights: all.flatMap((layer) => layer.weights),
        draws: all.flatMap((layer) => layer.draws),
        branches,
        call: (x, pass) => definition.merge(branches.map((branch) => callLayers(branch, x, pass))),
        penalties: () => all.flatMap((layer) => layer.penalties()),
        library: () => [{ layer: definition.library() }],
      };
    },
  };
}

export function callLayers(layers: readonly BuiltLayer[], x: tf.Tensor, pass: Pass): tf.Tensor {
  return layers.reduce((value, layer) => callMarked(layer, value, pass), x);
}

/**
 * Makes the variables of these layers in declared order. Initial values come from the path `["init", weight name]` of
 * the seed; without one they are zeros.
 */
export function makeVariables(layers: readonly BuiltLayer[], seed: number | null): readonly tf.Variable[] {
  return layers
    .flatMap((layer) => layer.weights)
    .map((weight) => {
      const initial =
        seed === null
          ? tf.zeros(weight.shape as number[])
          : tf.tensor(weight.initial(new RandomStream(seed, ["init", weight.name])), weight.shape as number[]);
      const variable = namedVariable(weight.name, initial, weight.trainable);
      weight.adopt(variable);
      return variable;
    });
}

let tracked: string | null = null;
let tracking = false;

/**
 * The layer whose operations, forward or backward, ran last inside `trackLayers`. An engine asks for it when an
 * operation turned out to be missing.
 */
export function currentLayer(): string | null {
  return tracked;
}

/** Runs `f` with every layer leaving its name, at the price of two more operations a layer. */
export function trackLayers<T>(f: () => T): T {
  tracking = true;
  tracked = null;
  try {
    return f();
  } finally {
    tracking = false;
  }
}

function callMarked(layer: BuiltLayer, x: tf.Tensor, pass: Pass): tf.Tensor {
  if (!tracking) return layer.call(x, pass);
  tracked = layer.spec.name;
  return markBackward(layer.spec.name, layer.call(x, pass));
}

/** The identity, whose gradient notes that going back has reached this layer's output. */
function markBackward(name: string, value: tf.Tensor): tf.Tensor {
  const identity = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      tracked = name;
      return tf.clone(dy);
    },
  }));
  return identity(value);
}
