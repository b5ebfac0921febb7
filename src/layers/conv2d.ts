import type { Conv2DLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { convCost, convShape } from "./shared/windows.js";

export default defineLayer<Conv2DLayer>({
  shape: (p, [input]) => convShape(p, input as Shape, () => p.filters),
  rank: 2,
  ...endsActivated(),
  cost: convCost,
  stock: {
    make: ({ layers, activationOf }, p) =>
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
    built: ({ dilateByKernel }, layer, p) => dilateByKernel(layer, "kernel", p.dilationRate),
  },
});
