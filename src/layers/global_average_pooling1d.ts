import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../layer.js";
import { globalPoolShape } from "./shared/windows.js";

/** The mean over the steps that count. */
export default defineLayer({
  shape: globalPoolShape,
  rank: 1,
  own: {
    call({ tf, maskOf }, inputs) {
      const [x] = inputs as [tf.Tensor];
      const mask = maskOf(x);
      if (mask === null) return tf.mean(x, 1);
      const counted = tf.sum(tf.mul(x, tf.expandDims(mask, -1)), 1);
      // An item of which no step counts has the mean 0.
      return tf.div(counted, tf.maximum(tf.sum(mask, 1, true), 1));
    },
    library: ({ layers }) => [{ layer: layers.globalAveragePooling1d({}) }],
  },
});
