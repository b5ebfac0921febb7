import { layers } from "@tensorflow/tfjs-layers";
import type { DenseLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { stockLayer } from "../layer.js";

export default stockLayer<DenseLayer>({
  make: (p) =>
    layers.dense({
      units: p.units,
      activation: activationOf(p.activation),
      useBias: p.useBias,
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
  regularizers: (p) => ({ kernel: p.kernelRegularizer, bias: p.biasRegularizer }),
});
