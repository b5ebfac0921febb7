import type { LayerNormalizationLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { idleWeights, initializersOf, regularizersUsed } from "./shared/normalization.js";
import { elementwise, sameShape } from "./shared/same.js";

export default defineLayer<LayerNormalizationLayer>({
  ...sameShape,
  cost: elementwise,
  stock: {
    // Its gradient needs both weights, whatever `center` and `scale` say: they are always there, but may be idle.
    make: ({ layers }, p) => layers.layerNormalization({ epsilon: p.epsilon }),
    initializers: initializersOf,
    regularizers: regularizersUsed,
    idle: idleWeights,
  },
});
