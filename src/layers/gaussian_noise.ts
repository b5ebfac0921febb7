import type { GaussianNoiseLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { noisy } from "./shared/noise.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<GaussianNoiseLayer>({
  ...sameShape,
  keeps: "use",
  own: {
    draw: (_, [input]) => ({ shape: input as Shape, distribution: { kind: "normal" }, when: "training" }),
    call: noisy(({ tf }, x, draw, { stddev }) => tf.add(x, tf.mul(draw, stddev))),
    library: ({ layers }, { stddev }) => [{ layer: layers.gaussianNoise({ stddev }) }],
  },
});
