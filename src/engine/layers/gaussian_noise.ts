import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { GaussianNoiseLayer } from "../../gen/layers.js";
import { noiseLayer } from "../layer.js";

export default noiseLayer<GaussianNoiseLayer>({
  distribution: () => ({ kind: "normal" }),
  apply: (x, draw, p) => tf.add(x, tf.mul(draw, p.stddev)),
  library: ({ stddev }) => layers.gaussianNoise({ stddev }),
});
