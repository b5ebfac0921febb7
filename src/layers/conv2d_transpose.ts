import type { Conv2DTransposeLayer } from "../gen/layers.js";
import { defineLayer, ok, type Shape } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { lastOf, pair, sizeOf } from "./shared/sizes.js";
import { kernelWeights } from "./shared/windows.js";

export default defineLayer<Conv2DTransposeLayer>({
  shape({ filters, kernelSize, strides, padding }, [input]) {
    const window = (input as Shape).slice(0, -1).map((n, i) => {
      const stride = pair(strides)[i] as number;
      const beyond = padding === "valid" ? Math.max((pair(kernelSize)[i] as number) - stride, 0) : 0;
      return n * stride + beyond;
    });
    return ok([...window, filters]);
  },
  rank: 2,
  ...endsActivated(),
  /** Every input place is spread by the whole kernel. */
  cost(layer) {
    const [input] = layer.inputShapes as [Shape];
    return (sizeOf(input) / lastOf(input)) * kernelWeights(layer, lastOf(layer.outputShape));
  },
  stock: {
    make: ({ layers, activationOf }, p) =>
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
  },
});
