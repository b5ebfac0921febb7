import type { DenseLayer } from "../gen/layers.js";
import { defineLayer, ok, type Shape } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { convCost } from "./shared/windows.js";

export default defineLayer<DenseLayer>({
  shape: ({ units }, [input]) => ok([...(input as Shape).slice(0, -1), units]),
  ...endsActivated(),
  mask: "passes",
  // It is a convolution whose window is one place.
  cost: convCost,
  page: ({ activation }) => ({ activation, kernel: "kernel", bias: "bias" }),
  stock: {
    make: ({ layers, activationOf }, p) =>
      layers.dense({ units: p.units, activation: activationOf(p.activation), useBias: p.useBias }),
    initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
    regularizers: (p) => ({ kernel: p.kernelRegularizer, bias: p.biasRegularizer }),
  },
});
