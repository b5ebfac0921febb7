import type * as tf from "@tensorflow/tfjs-core";
import type { ZeroPadding1DLayer } from "../gen/layers.js";
import { defineLayer, ok } from "../layer.js";
import { ofColumn } from "./shared/columns.js";
import { bothEnds } from "./shared/sides.js";

export default defineLayer<ZeroPadding1DLayer>({
  shape({ padding }, [input]) {
    const [steps, channels] = input as [number, number];
    const [before, after] = bothEnds(padding);
    return ok([steps + before + after, channels]);
  },
  rank: 1,
  own: {
    call({ tf }, inputs, { padding }) {
      const [x] = inputs as [tf.Tensor];
      return tf.pad(x, [[0, 0], [...bothEnds(padding)], [0, 0]]);
    },
    // The library pads images only.
    library(kit, { padding }, [input], [after]) {
      const sides = [[...bothEnds(padding)], [0, 0]] as [[number, number], [number, number]];
      const layer = kit.layers.zeroPadding2d({ padding: sides });
      return ofColumn(kit, layer, input as [number, number], after as number);
    },
  },
});
