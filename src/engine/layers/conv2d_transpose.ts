import { layers } from "@tensorflow/tfjs-layers";
import type { Conv2DTransposeLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<Conv2DTransposeLayer>({
  make: (p) =>
    layers.conv2dTranspose({
      filters: p.filters,
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      activation: p.activation,
      useBias: p.useBias,
      ...regularizersOf(p, "kernel", "bias"),
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
});
