import { layers } from "@tensorflow/tfjs-layers";
import type { LstmLayer } from "../../gen/layers.js";
import { initialValues } from "../initializers.js";
import { type InitialFill, type StockInitializers, stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export function makeLstm(p: LstmLayer): layers.Layer {
  return layers.lstm({
    units: p.units,
    activation: p.activation,
    recurrentActivation: p.recurrentActivation,
    useBias: p.useBias,
    returnSequences: p.returnSequences,
    goBackwards: p.goBackwards,
    unitForgetBias: false,
    kernelInitializer: "zeros",
    recurrentInitializer: "zeros",
    biasInitializer: "zeros",
    ...regularizersOf(p, "kernel", "recurrent", "bias"),
  });
}

/** Its bias is [input, forget, candidate, output]; a forget bias of 1 keeps the state at first (Jozefowicz et al. 2015). */
export function lstmInitializers(p: LstmLayer): StockInitializers {
  const bias: InitialFill = (shape, stream) => {
    const values = initialValues(p.biasInitializer, shape, stream);
    return p.unitForgetBias ? values.fill(1, p.units, 2 * p.units) : values;
  };
  return { kernel: p.kernelInitializer, recurrent_kernel: p.recurrentInitializer, bias };
}

export default stockLayer<LstmLayer>({ make: makeLstm, initializers: lstmInitializers });
