import { layers } from "@tensorflow/tfjs-layers";
import type { BatchNormalizationLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<BatchNormalizationLayer>({
  make: (p) =>
    layers.batchNormalization({
      momentum: p.momentum,
      epsilon: p.epsilon,
      center: p.center,
      scale: p.scale,
      ...regularizersOf(p, "beta", "gamma"),
    }),
  initializers: (p) => ({
    beta: p.betaInitializer,
    gamma: p.gammaInitializer,
    moving_mean: p.movingMeanInitializer,
    moving_variance: p.movingVarianceInitializer,
  }),
});
