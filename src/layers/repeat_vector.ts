import type * as tf from "@tensorflow/tfjs-core";
import type { RepeatVectorLayer } from "../gen/layers.js";
import { defineLayer, err, ok, type Shape } from "../layer.js";
import { show } from "./shared/sizes.js";

export default defineLayer<RepeatVectorLayer>({
  shape({ n }, inputs) {
    const [input] = inputs as [Shape];
    if (input.length === 1) return ok([n, input[0] as number]);
    return err({
      received: `input ${show(input)}`,
      expected: "an input of one dimension, such as [64]",
      fix: "Put flatten before it.",
    });
  },
  keeps: "range",
  own: {
    call({ tf }, inputs, { n }) {
      const [x] = inputs as [tf.Tensor];
      const [batch, size] = x.shape as [number, number];
      return tf.reshape(tf.concat(Array<tf.Tensor>(n).fill(x), -1), [batch, n, size]);
    },
    library: ({ layers }, { n }) => [{ layer: layers.repeatVector({ n }) }],
  },
});
