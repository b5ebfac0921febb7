import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer, ok, type Shape } from "../layer.js";
import { sizeOf } from "./shared/sizes.js";

/** The library refuses what is flat already. */
export default defineLayer({
  shape: (_, [input]) => ok([sizeOf(input as Shape)]),
  keeps: "order",
  own: {
    call({ tf }, inputs) {
      const [x] = inputs as [tf.Tensor];
      return tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]);
    },
    library: ({ layers }, _, __, outputShape) => [{ layer: layers.reshape({ targetShape: [...outputShape] }) }],
  },
});
