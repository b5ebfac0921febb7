import { layers } from "@tensorflow/tfjs-layers";
import type { LayerNormalizationLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<LayerNormalizationLayer>({
  make: (p) =>
    layers.layerNormalization({
      epsilon: p.epsilon,
      center: p.center,
      scale: p.scale,
      ...regularizersOf(p, "beta", "gamma"),
    }),
  initializers: (p) => ({ beta: p.betaInitializer, gamma: p.gammaInitializer }),
});
