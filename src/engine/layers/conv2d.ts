import { layers } from "@tensorflow/tfjs-layers";
import type { Conv2DLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { dilateByKernel } from "../dilation.js";
import { stockLayer } from "../layer.js";

export default stockLayer<Conv2DLayer>({
  make: (p) =>
    layers.conv2d({
      filters: p.filters,
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      dilationRate: p.dilationRate,
      activation: activationOf(p.activation),
      useBias: p.useBias,
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
  regularizers: (p) => ({ kernel: p.kernelRegularizer, bias: p.biasRegularizer }),
  built: (layer, p) => dilateByKernel(layer, "kernel", p.dilationRate),
});
