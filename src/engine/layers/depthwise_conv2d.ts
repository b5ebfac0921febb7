import { layers } from "@tensorflow/tfjs-layers";
import type { DepthwiseConv2DLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { dilateByKernel } from "../dilation.js";
import { stockLayer } from "../layer.js";

export default stockLayer<DepthwiseConv2DLayer>({
  make: (p) =>
    layers.depthwiseConv2d({
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      depthMultiplier: p.depthMultiplier,
      dilationRate: p.dilationRate,
      activation: activationOf(p.activation),
      useBias: p.useBias,
    }),
  initializers: (p) => ({ depthwise_kernel: p.depthwiseInitializer, bias: p.biasInitializer }),
  regularizers: (p) => ({ depthwise_kernel: p.depthwiseRegularizer, bias: p.biasRegularizer }),
  built: (layer, p) => dilateByKernel(layer, "depthwise_kernel", p.dilationRate),
});
