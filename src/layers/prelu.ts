import type { PreluLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { elementwise, sameShape } from "./shared/same.js";

export default defineLayer<PreluLayer>({
  ...sameShape,
  cost: elementwise,
  stock: {
    make: ({ layers }) => layers.prelu(),
    initializers: (p) => ({ alpha: p.alphaInitializer }),
    regularizers: (p) => ({ alpha: p.alphaRegularizer }),
  },
});
