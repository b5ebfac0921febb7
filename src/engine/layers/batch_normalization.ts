import { layers } from "@tensorflow/tfjs-layers";
import type { BatchNormalizationLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { idleWeights, initializersOf, regularizersUsed } from "../normalization.js";

export default stockLayer<BatchNormalizationLayer>({
  // Its training reads both weights, whatever `center` and `scale` say: they are always there, but may be idle.
  make: (p) => layers.batchNormalization({ momentum: p.momentum, epsilon: p.epsilon }),
  initializers: (p) => ({
    ...initializersOf(p),
    moving_mean: p.movingMeanInitializer,
    moving_variance: p.movingVarianceInitializer,
  }),
  regularizers: regularizersUsed,
  idle: idleWeights,
});
