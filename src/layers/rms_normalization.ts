import type * as tf from "@tensorflow/tfjs-core";
import type { RmsNormalizationLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { elementwise, sameShape } from "./shared/same.js";
import { lastOf } from "./shared/sizes.js";

/** Zhang & Sennrich 2019: y = x / √(mean x² + ε) · scale, the mean over the last dimension. */
export default defineLayer<RmsNormalizationLayer>({
  ...sameShape,
  cost: elementwise,
  own: {
    weights: ({ scaleInitializer, scaleRegularizer }, [input]) => [
      {
        name: "scale",
        shape: [lastOf(input as Shape)],
        initializer: scaleInitializer,
        regularizer: scaleRegularizer,
      },
    ],
    call({ tf }, inputs, { epsilon }, { weight }) {
      const [x] = inputs as [tf.Tensor];
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
      return tf.mul(tf.mul(x, inverse), weight("scale"));
    },
  },
});
