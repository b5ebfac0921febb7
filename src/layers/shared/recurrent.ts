import type * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { SimpleRnnLayer } from "../../gen/layers.js";
import type { Activation } from "../../gen/shared.js";
import {
  defineLayer,
  type Initializers,
  type Kit,
  type LayerDefinition,
  type LibraryLayer,
  type MadeLayer,
  ok,
  type Regularizers,
} from "../../layer.js";

/** A recurrent layer of the library, for itself or as the inner one of `bidirectional`. */
export interface RecurrentKind<P> {
  make(kit: Kit, params: P): layers.Layer;
  /** Called before the layer is built, for each copy of it. */
  made?(kit: Kit, layer: layers.Layer, params: P): void;
  initializers(params: P, kit: Kit): Initializers;
  regularizers(params: P): Regularizers;
  /** Null where the library cannot compute these parameters. */
  library(kit: Kit, layer: layers.Layer, params: P): readonly LibraryLayer[] | null;
}

interface Recurrent {
  readonly units: number;
  readonly returnSequences: boolean;
  readonly activation: Activation;
}

export function recurrentLayer<P extends Recurrent>(kind: RecurrentKind<P>): LayerDefinition<P> {
  return defineLayer<P>({
    shape: ({ units, returnSequences }, [input]) => ok(returnSequences ? [input?.[0] as number, units] : [units]),
    rank: 1,
    // Its gates come after it, but they only make it smaller: it has the activation's range.
    endsWith: ({ activation }) => activation,
    cost: recurrentCost,
    mask: sequenceMask,
    stock: {
      ...kind,
      masked: true,
      make(kit, params) {
        const layer = kind.make(kit, params);
        kind.made?.(kit, layer, params);
        return layer;
      },
    },
  });
}

/** A sequence of states has the steps of the input, and what of them counts. */
export function sequenceMask(
  { maskOf }: Kit,
  [x]: readonly tf.Tensor[],
  { returnSequences }: Pick<Recurrent, "returnSequences">,
): tf.Tensor | null {
  return returnSequences ? maskOf(x as tf.Tensor) : null;
}

/** Every weight once a step; the few biases are counted along. */
export function recurrentCost({ parameters, inputShapes: [input] }: MadeLayer<unknown>): number {
  return parameters * (input?.[0] ?? 1);
}

/** Else the library would draw weights, which are replaced by ours, and orthogonal ones take it long. */
export const zeroWeights = {
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  biasInitializer: "zeros",
} as const;

type Gates = Pick<
  SimpleRnnLayer,
  | "kernelInitializer"
  | "recurrentInitializer"
  | "biasInitializer"
  | "kernelRegularizer"
  | "recurrentRegularizer"
  | "biasRegularizer"
>;

export function gateInitializers(p: Gates): Initializers {
  return { kernel: p.kernelInitializer, recurrent_kernel: p.recurrentInitializer, bias: p.biasInitializer };
}

export function gateRegularizers(p: Gates): Regularizers {
  return { kernel: p.kernelRegularizer, recurrent_kernel: p.recurrentRegularizer, bias: p.biasRegularizer };
}
