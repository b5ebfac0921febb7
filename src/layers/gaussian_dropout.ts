import type { GaussianDropoutLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { noisy } from "./shared/noise.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<GaussianDropoutLayer>({
  ...sameShape,
  keeps: "use",
  own: {
    draw: (_, [input]) => ({ shape: input as Shape, distribution: { kind: "normal" }, when: "training" }),
    call: noisy(({ tf }, x, draw, { rate }) => tf.mul(x, tf.add(tf.mul(draw, Math.sqrt(rate / (1 - rate))), 1))),
    library: ({ layers }, { rate }) => [{ layer: layers.gaussianDropout({ rate }) }],
  },
});
