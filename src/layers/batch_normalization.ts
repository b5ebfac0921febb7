import type { BatchNormalizationLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { idleWeights, initializersOf, regularizersUsed } from "./shared/normalization.js";
import { elementwise, sameShape } from "./shared/same.js";

export default defineLayer<BatchNormalizationLayer>({
  ...sameShape,
  cost: elementwise,
  stock: {
    // Its training reads both weights, whatever `center` and `scale` say: they are always there, but may be idle.
    make: ({ layers }, p) => layers.batchNormalization({ momentum: p.momentum, epsilon: p.epsilon }),
    initializers: (p) => ({
      ...initializersOf(p),
      moving_mean: p.movingMeanInitializer,
      moving_variance: p.movingVarianceInitializer,
    }),
    regularizers: regularizersUsed,
    idle: idleWeights,
  },
});
