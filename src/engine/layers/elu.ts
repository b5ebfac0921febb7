import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { EluLayer } from "../../gen/layers.js";
import { mapLayer } from "../layer.js";

/** The library's layer knows alpha = 1 only. */
export default mapLayer<EluLayer>({
  outputShape: (shape) => shape,
  call: (x, p) => tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), p.alpha)),
  library: ({ alpha }) => (alpha === 1 ? [{ layer: layers.elu() }] : null),
});
