import { layers } from "@tensorflow/tfjs-layers";
import type { GruLayer } from "../../gen/layers.js";
import { type StockInitializers, stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export function makeGru(p: GruLayer): layers.Layer {
  return layers.gru({
    units: p.units,
    activation: p.activation,
    recurrentActivation: p.recurrentActivation,
    useBias: p.useBias,
    returnSequences: p.returnSequences,
    goBackwards: p.goBackwards,
    kernelInitializer: "zeros",
    recurrentInitializer: "zeros",
    biasInitializer: "zeros",
    ...regularizersOf(p, "kernel", "recurrent", "bias"),
  });
}

export function gruInitializers(p: GruLayer): StockInitializers {
  return { kernel: p.kernelInitializer, recurrent_kernel: p.recurrentInitializer, bias: p.biasInitializer };
}

export default stockLayer<GruLayer>({ make: makeGru, initializers: gruInitializers });
