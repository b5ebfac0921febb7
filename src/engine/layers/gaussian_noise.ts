import * as tf from "@tensorflow/tfjs-core";
import type { GaussianNoiseLayer } from "../../gen/layers.js";
import { noiseLayer } from "../layer.js";

export default noiseLayer<GaussianNoiseLayer>({
  distribution: () => ({ kind: "normal" }),
  apply: (x, draw, p) => tf.add(x, tf.mul(draw, p.stddev)),
});
