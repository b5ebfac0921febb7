import type * as tf from "@tensorflow/tfjs-core";
import type { UpSampling1DLayer } from "../gen/layers.js";
import { defineLayer, ok } from "../layer.js";
import { ofColumn } from "./shared/columns.js";

export default defineLayer<UpSampling1DLayer>({
  shape({ size }, [input]) {
    const [steps, channels] = input as [number, number];
    return ok([steps * size, channels]);
  },
  rank: 1,
  keeps: "range",
  own: {
    call({ tf }, inputs, { size }) {
      const [x] = inputs as [tf.Tensor];
      const [batch, steps, channels] = x.shape as [number, number, number];
      return tf.reshape(tf.concat(Array<tf.Tensor>(size).fill(x), -1), [batch, steps * size, channels]);
    },
    library(kit, { size }, [input], [after]) {
      const layer = kit.layers.upSampling2d({ size: [size, 1] });
      return ofColumn(kit, layer, input as [number, number], after as number);
    },
  },
});
