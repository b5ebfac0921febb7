import { layers } from "@tensorflow/tfjs-layers";
import type { Conv2DLayer } from "../../gen/layers.js";
import { dilateByKernel } from "../dilation.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<Conv2DLayer>({
  make: (p) =>
    layers.conv2d({
      filters: p.filters,
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      dilationRate: p.dilationRate,
      activation: p.activation,
      useBias: p.useBias,
      ...regularizersOf(p, "kernel", "bias"),
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
  built: (layer, p) => dilateByKernel(layer, "kernel", p.dilationRate),
});
