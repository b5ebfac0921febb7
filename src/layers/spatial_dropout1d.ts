import type { SpatialDropout1DLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { noisy } from "./shared/noise.js";
import { sameShape } from "./shared/same.js";
import { lastOf } from "./shared/sizes.js";

/** One draw a channel: all its places go, or stay. The library has no such layer, nor is one needed for use. */
export default defineLayer<SpatialDropout1DLayer>({
  ...sameShape,
  rank: 1,
  keeps: "use",
  own: {
    draw: ({ rate }, [input]) => ({
      shape: [1, lastOf(input as Shape)],
      distribution: { kind: "keep", rate },
      when: "training",
    }),
    call: noisy(({ tf }, x, draw) => tf.mul(x, draw)),
    library: ({ layers }) => [{ layer: layers.activation({ activation: "linear" }) }],
  },
});
