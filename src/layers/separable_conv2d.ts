import type { SeparableConv2DLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { convCost, convShape } from "./shared/windows.js";

export default defineLayer<SeparableConv2DLayer>({
  shape: (p, [input]) => convShape(p, input as Shape, () => p.filters),
  rank: 2,
  ...endsActivated(),
  cost: convCost,
  stock: {
    make: ({ layers, activationOf }, p) =>
      layers.separableConv2d({
        filters: p.filters,
        kernelSize: p.kernelSize,
        strides: p.strides,
        padding: p.padding,
        depthMultiplier: p.depthMultiplier,
        dilationRate: p.dilationRate,
        activation: activationOf(p.activation),
        useBias: p.useBias,
      }),
    initializers: (p) => ({
      depthwise_kernel: p.depthwiseInitializer,
      pointwise_kernel: p.pointwiseInitializer,
      bias: p.biasInitializer,
    }),
    regularizers: (p) => ({
      depthwise_kernel: p.depthwiseRegularizer,
      pointwise_kernel: p.pointwiseRegularizer,
      bias: p.biasRegularizer,
    }),
    built: ({ dilateByKernel }, layer, p) => dilateByKernel(layer, "depthwise_kernel", p.dilationRate),
  },
});
