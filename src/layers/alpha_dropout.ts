import type { AlphaDropoutLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { noisy } from "./shared/noise.js";
import { sameShape } from "./shared/same.js";

/** What selu gives far below 0: −scale · alpha of Klambauer et al. 2017. */
const LOWEST = -1.7580993408473766;

/** Elements that are dropped become the lowest that selu gives; mean 0 and variance 1 stay. */
export default defineLayer<AlphaDropoutLayer>({
  ...sameShape,
  keeps: "use",
  own: {
    draw: ({ rate }, [input]) => ({ shape: input as Shape, distribution: { kind: "keep", rate }, when: "training" }),
    call: noisy(({ tf }, x, draw, { rate }) => {
      const scale = ((1 - rate) * (1 + rate * LOWEST ** 2)) ** -0.5;
      const kept = tf.mul(draw, 1 - rate);
      const filled = tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), LOWEST));
      return tf.sub(tf.mul(filled, scale), scale * LOWEST * rate);
    }),
    library: ({ layers }, { rate }) => [{ layer: layers.alphaDropout({ rate }) }],
  },
});
