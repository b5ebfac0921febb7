import type { layers } from "@tensorflow/tfjs-layers";
import type { SimpleRnnLayer } from "../gen/layers.js";
import { type LayerKind, type StockInitializers, type StockRegularizers, stockLayer } from "./layer.js";
import type { LibraryLayer } from "./library.js";

/** A recurrent layer of the library, for itself or as the inner one of `bidirectional`. */
export interface RecurrentKind<P> {
  make(params: P): layers.Layer;
  /** Called before the layer is built, for each copy of it. */
  made?(layer: layers.Layer, params: P): void;
  initializers(params: P): StockInitializers;
  regularizers(params: P): StockRegularizers;
  /** Null where the library cannot compute these parameters. */
  library(layer: layers.Layer, params: P): readonly LibraryLayer[] | null;
}

export function recurrentLayer<P>(kind: RecurrentKind<P>): LayerKind {
  return stockLayer<P>({
    ...kind,
    make(params) {
      const layer = kind.make(params);
      kind.made?.(layer, params);
      return layer;
    },
  });
}

/** Else the library would draw weights, which are replaced by ours, and orthogonal ones take it long. */
export const zeroWeights = {
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  biasInitializer: "zeros",
} as const;

type Gates = Pick<SimpleRnnLayer, "kernelRegularizer" | "recurrentRegularizer" | "biasRegularizer">;

export function gateRegularizers(p: Gates): StockRegularizers {
  return { kernel: p.kernelRegularizer, recurrent_kernel: p.recurrentRegularizer, bias: p.biasRegularizer };
}
