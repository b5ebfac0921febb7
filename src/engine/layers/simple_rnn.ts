import { layers } from "@tensorflow/tfjs-layers";
import type { SimpleRnnLayer } from "../../gen/layers.js";
import { type StockInitializers, stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export function makeSimpleRnn(p: SimpleRnnLayer): layers.Layer {
  return layers.simpleRNN({
    units: p.units,
    activation: p.activation,
    useBias: p.useBias,
    returnSequences: p.returnSequences,
    goBackwards: p.goBackwards,
    kernelInitializer: "zeros",
    recurrentInitializer: "zeros",
    biasInitializer: "zeros",
    ...regularizersOf(p, "kernel", "recurrent", "bias"),
  });
}

export function simpleRnnInitializers(p: SimpleRnnLayer): StockInitializers {
  return { kernel: p.kernelInitializer, recurrent_kernel: p.recurrentInitializer, bias: p.biasInitializer };
}

export default stockLayer<SimpleRnnLayer>({ make: makeSimpleRnn, initializers: simpleRnnInitializers });
