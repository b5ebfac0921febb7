import type * as tf from "@tensorflow/tfjs-core";
import type { EluLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { sameShape } from "./shared/same.js";

/** The library's layer knows alpha = 1 only. */
export default defineLayer<EluLayer>({
  ...sameShape,
  own: {
    call({ tf }, inputs, { alpha }) {
      const [x] = inputs as [tf.Tensor];
      return tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha));
    },
    library: ({ layers }, { alpha }) => (alpha === 1 ? [{ layer: layers.elu() }] : null),
  },
});
