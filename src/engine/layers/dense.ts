import { layers } from "@tensorflow/tfjs-layers";
import type { DenseLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<DenseLayer>({
  make: (p) =>
    layers.dense({
      units: p.units,
      activation: p.activation,
      useBias: p.useBias,
      ...regularizersOf(p, "kernel", "bias"),
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
});
