import { layers } from "@tensorflow/tfjs-layers";
import type { DepthwiseConv2DLayer } from "../../gen/layers.js";
import { dilateByKernel } from "../dilation.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<DepthwiseConv2DLayer>({
  make: (p) =>
    layers.depthwiseConv2d({
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      depthMultiplier: p.depthMultiplier,
      dilationRate: p.dilationRate,
      activation: p.activation,
      useBias: p.useBias,
      ...regularizersOf(p, "depthwise", "bias"),
    }),
  initializers: (p) => ({ depthwise_kernel: p.depthwiseInitializer, bias: p.biasInitializer }),
  built: (layer, p) => dilateByKernel(layer, "depthwise_kernel", p.dilationRate),
});
