import type { DepthwiseConv2DLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { convCost, convShape } from "./shared/windows.js";

export default defineLayer<DepthwiseConv2DLayer>({
  shape: (p, [input]) => convShape(p, input as Shape, (channels) => channels * p.depthMultiplier),
  rank: 2,
  ...endsActivated(),
  cost: convCost,
  stock: {
    make: ({ layers, activationOf }, p) =>
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
    built: ({ dilateByKernel }, layer, p) => dilateByKernel(layer, "depthwise_kernel", p.dilationRate),
  },
});
