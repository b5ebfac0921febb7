import { layers } from "@tensorflow/tfjs-layers";
import type { LayerNormalizationLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { idleWeights, initializersOf, regularizersUsed } from "../normalization.js";

export default stockLayer<LayerNormalizationLayer>({
  // Its gradient needs both weights, whatever `center` and `scale` say: they are always there, but may be idle.
  make: (p) => layers.layerNormalization({ epsilon: p.epsilon }),
  initializers: initializersOf,
  regularizers: regularizersUsed,
  idle: idleWeights,
});
