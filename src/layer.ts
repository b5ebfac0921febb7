/**
 * The interface between a layer and the program. A layer is two files of one name: `schemas/layers/<kind>.schema.json` says
 * what YAML may write; `src/layers/<kind>.ts` says what follows from it (shapes, costs, the activation at its end) and how
 * it computes. The facts are pure, so that planning can use them without TensorFlow.js, which is handed to the code that
 * computes in a `Kit`.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { JsonPath } from "./base/json.js";
import type { RandomStream } from "./base/random.js";
import type { Result } from "./base/result.js";
import type { Initializer } from "./gen/initializers.js";
import type { Activation, Regularizer } from "./gen/shared.js";

export { err, ok, type Result } from "./base/result.js";

/** Without the batch: `[784]`, `[28, 28, 1]`. */
export type Shape = readonly number[];

/** Why a layer cannot take its inputs. Every text is completed by the layer's name, which its file does not repeat. */
export interface Unfit {
  /** `shape-mismatch` unless given: a parameter that is wrong by itself is a `wrong-value`. */
  readonly code?: "shape-mismatch" | "wrong-value";
  /** Goes on after "the layer `…` "; "does not fit its input" unless given. */
  readonly says?: string;
  /** The path into the layer's parameters to the wrong value. */
  readonly path?: JsonPath;
  /** The number of the input that does not fit, where there are several. */
  readonly input?: number;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;
}

/** What a layer has been made of; what it costs follows from that. */
export interface MadeLayer<P> {
  readonly params: P;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** Scalars in its weights. */
  readonly parameters: number;
}

/**
 * How a page without TensorFlow.js computes a layer of one dimension: activation(x · kernel + bias). The weights are named
 * as the layer names them; a layer has no bias where its weights have none of that name.
 */
export interface PageForm {
  readonly activation: Activation;
  readonly kernel: string;
  readonly bias: string;
}

/** One layer as YAML or a model artifact names it. */
export interface LayerSpec {
  readonly name: string;
  readonly kind: string;
  readonly params: unknown;
}

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

/** What a layer receives besides its inputs. */
export interface Pass {
  readonly training: boolean;
  /** The draw of that name `[batch, …shape]`, null where none is made; a `keep` draw comes as 0 or 1 / (1 − rate). */
  draw(name: string): tf.Tensor | null;
}

/** Initial values that no initializer makes, such as an LSTM's bias. */
export type InitialFill = (shape: Shape, stream: RandomStream) => Float32Array;

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

/** A layer of tfjs-layers that stands for one of ours, or for a part of it, in a file that other programs read. */
export interface LibraryLayer {
  readonly layer: tfl.layers.Layer;
  /** The description in the file, where it is not the layer's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Its weights, in its order, unless it has been built and holds them. Made in the current scope. */
  weights?(): tf.Tensor[];
}

/** A layer made for inputs of certain shapes. */
export interface BuiltLayer {
  readonly spec: LayerSpec;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly weights: readonly LayerWeight[];
  readonly draws: readonly Draw[];
  /** Each input `[batch, …inputShape]`; gives `[batch, …outputShape]`. */
  call(inputs: readonly tf.Tensor[], pass: Pass): tf.Tensor;
  /** Sums of the weights' regularizers: scalars to add to the loss. */
  penalties(): readonly tf.Scalar[];
  /** Numbers of every item `[batch]` that belong to its last call, for the loss, by name; none unless given. */
  itemLosses?(): Readonly<Record<string, tf.Tensor1D>>;
  /**
   * Layers of the library that compute the same outside of training, one after the other, with these weights; null
   * where the library has none. The first takes all inputs. For files that other programs read.
   */
  library(): readonly LibraryLayer[] | null;
}

/** TensorFlow.js and what we have besides it, handed to the code that computes: layer files import neither. */
export interface Kit {
  readonly tf: typeof tf;
  readonly layers: typeof tfl.layers;
  /** The name under which the library finds an activation. */
  activationOf(name: Activation): never;
  /** Whether a file that names this activation can be read without our code. */
  inLibrary(name: Activation): boolean;
  initialValues(initializer: Initializer, shape: Shape, stream: RandomStream): Float32Array;
  /** Computes the dilation of a convolution by a kernel with zeros between its taps: the library has no gradient for it. */
  dilateByKernel(layer: tfl.layers.Layer, weight: string, rate: number | readonly number[]): void;
  /** Lets a GRU of the library apply its reset gate after the product with the recurrent kernel. */
  resetAfterProduct(layer: tfl.layers.Layer): void;
  /** exp(x) − 1 − x, precise also near 0; for values alone, since it has no gradient there. */
  expBeyondLine(x: tf.Tensor): tf.Tensor;
  /** A value that is computed from x, but through which no gradient goes: comparisons have none. */
  withoutGradient(x: tf.Tensor, compute: (x: tf.Tensor) => tf.Tensor): tf.Tensor;
  /** `[batch, steps]`: 1 at the steps of a sequence that count, 0 at the others; null where all of them do. */
  maskOf(x: tf.Tensor): tf.Tensor | null;
  /** Makes what a stock definition describes, for a layer that needs it inside its own `build`. */
  buildStock<P>(stock: StockLayer<P>, spec: LayerSpec, inputShapes: readonly Shape[]): BuiltLayer;
}

export type Initializers = Readonly<Record<string, Initializer | InitialFill>>;
export type Regularizers = Readonly<Record<string, Regularizer | undefined>>;

/**
 * A layer of tfjs-layers. It is built with zeros; its variables are then replaced by ours, so that initial values and
 * names do not depend on the library's global counters.
 */
export interface StockLayer<P> {
  make(kit: Kit, params: P): tfl.layers.Layer;
  /** Initializer by the library's weight name, for all weights that do not start as zeros. */
  initializers?(params: P, kit: Kit): Initializers;
  /** By the library's weight name. */
  regularizers?(params: P): Regularizers;
  /** Weights, by the library's name, that these parameters switch off although the library computes with them. */
  idle?(params: P): readonly string[];
  /** Called when the layer has its weights, before its output's shape is computed. */
  built?(kit: Kit, layer: tfl.layers.Layer, params: P): void;
  /** Whether it skips steps that a mask leaves out; only layers of the library that know masks can. */
  readonly masked?: boolean;
  /** Null where only we can compute these parameters; unless given, the layer itself. */
  library?(kit: Kit, layer: tfl.layers.Layer, params: P): readonly LibraryLayer[] | null;
}

/** What an own layer receives besides its inputs. */
export interface OwnPass {
  readonly training: boolean;
  /** The layer's weight of that name, without the layer's name. */
  weight(name: string): tf.Tensor;
  /** The layer's draw, `[batch, …shape]`; null where none is made: with a model that is only used, or not trained. */
  draw(): tf.Tensor | null;
  /** A value that both `call` and `itemLosses` need: it is computed once. */
  once(name: string, compute: () => tf.Tensor): tf.Tensor;
}

/** A layer that we compute. */
export interface OwnLayer<P> {
  /** In the order in which the model shall declare them. */
  weights?(params: P, inputShapes: readonly Shape[]): readonly OwnWeight[];
  /** Random numbers; null where these parameters need none. They are named after the layer unless they say otherwise. */
  draw?(params: P, inputShapes: readonly Shape[]): (Omit<Draw, "name"> & { readonly name?: string | undefined }) | null;
  call(kit: Kit, inputs: readonly tf.Tensor[], params: P, pass: OwnPass): tf.Tensor;
  /** What every item `[batch]` adds to the loss, by name. Called after `call`, with the same inputs. */
  itemLosses?(kit: Kit, inputs: readonly tf.Tensor[], params: P, pass: OwnPass): Readonly<Record<string, tf.Tensor1D>>;
  /** Null where the library has no such layers, which is so unless given. */
  library?(kit: Kit, params: P, inputShapes: readonly Shape[], outputShape: Shape): readonly LibraryLayer[] | null;
}

export interface OwnWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer | InitialFill;
  readonly regularizer?: Regularizer | undefined;
}

/** The facts in a layer's file. Parameters are complete and valid by the layer's schema. */
interface LayerFacts<P> {
  /** The output's shape, or why there is none. Called with as many inputs as `inputs` allows, of the rank that `rank` requires. */
  shape(params: P, inputs: readonly Shape[]): Result<Shape, Unfit>;
  /** How many inputs it takes, at least and at most; one unless given. */
  readonly inputs?: readonly [least: number, most: number];
  /** How many dimensions its input has besides channels, where that is fixed. */
  readonly rank?: 1 | 2 | 3;
  /** Whether its output is a picture without an axis for its one channel: always, or where its input was one. */
  readonly picture?: "makes" | "keeps";
  /**
   * How far its output consists of its input's numbers: the same in the same `order` (flatten), the same `numbers` in other
   * places (permute), numbers in the same `range` (enlarging), or the same outside of training, in `use` (dropout).
   */
  readonly keeps?: "order" | "numbers" | "range" | "use";
  /** Its input is whole numbers below this one, which it looks up. */
  indices?(params: P): number;
  /** The activation that is the last thing it computes. */
  endsWith?(params: P): Activation | undefined;
  /**
   * The parameters of the same layer without that activation, null for no layer at all. A loss that takes logits then
   * computes the activation with itself; where it is not given, the activation stays.
   */
  withoutEnd?(params: P): P | null;
  /**
   * Multiply-adds of one item; element-wise work does not count. Unless given, 0 for a layer without weights, and not known
   * for one with weights.
   */
  cost?(layer: MadeLayer<P>): number;
  /**
   * What becomes of the mask of a sequence: unless given, it ends here. `passes`: the output has its input's. Or a mask
   * `[batch, steps]` that the layer makes itself, null for none.
   */
  readonly mask?: "passes" | ((kit: Kit, inputs: readonly tf.Tensor[], params: P) => tf.Tensor | null);
  /** How the page's decoder computes it; unless given, it cannot. */
  page?(params: P): PageForm;
}

/** How it computes: as a layer of the library, as one of ours, or by anything else. */
type LayerCode<P> =
  | { readonly stock: StockLayer<P> }
  | { readonly own: OwnLayer<P> }
  | { build(kit: Kit, spec: LayerSpec, inputShapes: readonly Shape[]): BuiltLayer };

export type LayerDefinition<P> = LayerFacts<P> & LayerCode<P>;

/** A definition whose parameters are of a type that only its own file knows. */
// biome-ignore lint/suspicious/noExplicitAny: every kind has parameters of its own; its schema has checked them.
export type AnyLayer = LayerDefinition<any>;

export function defineLayer<P = Readonly<Record<string, never>>>(definition: LayerDefinition<P>): LayerDefinition<P> {
  return definition;
}
