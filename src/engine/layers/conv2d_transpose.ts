import { layers } from "@tensorflow/tfjs-layers";
import type { Conv2DTransposeLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { stockLayer } from "../layer.js";

export default stockLayer<Conv2DTransposeLayer>({
  make: (p) =>
    layers.conv2dTranspose({
      filters: p.filters,
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      activation: activationOf(p.activation),
      useBias: p.useBias,
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
  regularizers: (p) => ({ kernel: p.kernelRegularizer, bias: p.biasRegularizer }),
});
