import type * as tf from "@tensorflow/tfjs-core";
import type { Cropping1DLayer } from "../gen/layers.js";
import { defineLayer, ok } from "../layer.js";
import { ofColumn } from "./shared/columns.js";
import { nothingLeft } from "./shared/nothing-left.js";
import { bothEnds } from "./shared/sides.js";

export default defineLayer<Cropping1DLayer>({
  shape({ cropping }, [input]) {
    const [steps, channels] = input as [number, number];
    const [before, after] = bothEnds(cropping);
    const left = steps - before - after;
    return left > 0 ? ok([left, channels]) : nothingLeft([steps, channels], cropping);
  },
  rank: 1,
  keeps: "range",
  own: {
    call({ tf }, inputs, { cropping }) {
      const [x] = inputs as [tf.Tensor3D];
      const [before, after] = bothEnds(cropping);
      const [batch, steps, channels] = x.shape;
      return tf.slice(x, [0, before, 0], [batch, steps - before - after, channels]);
    },
    library(kit, { cropping }, [input], [after]) {
      const sides = [[...bothEnds(cropping)], [0, 0]] as [[number, number], [number, number]];
      const layer = kit.layers.cropping2D({ cropping: sides });
      return ofColumn(kit, layer, input as [number, number], after as number);
    },
  },
});
