import type { DropoutLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { noisy } from "./shared/noise.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<DropoutLayer>({
  ...sameShape,
  keeps: "use",
  own: {
    draw: ({ rate }, [input]) => ({ shape: input as Shape, distribution: { kind: "keep", rate }, when: "training" }),
    call: noisy(({ tf }, x, draw) => tf.mul(x, draw)),
    library: ({ layers }, { rate }) => [{ layer: layers.dropout({ rate }) }],
  },
});
