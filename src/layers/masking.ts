import type * as tf from "@tensorflow/tfjs-core";
import type { MaskingLayer } from "../gen/layers.js";
import { defineLayer, type Kit } from "../layer.js";
import { sameShape } from "./shared/same.js";

/** Steps whose channels all have one value do not count: they become 0, and layers behind that know masks skip them. */
export default defineLayer<MaskingLayer>({
  ...sameShape,
  rank: 1,
  mask: countingSteps,
  own: {
    call(kit, inputs, params) {
      const [x] = inputs as [tf.Tensor];
      return kit.tf.mul(x, kit.tf.expandDims(countingSteps(kit, inputs, params), -1));
    },
    // The library's layer stands for ours, but its files carry no mask to the layers behind.
    library: () => null,
  },
});

function countingSteps(
  { tf, withoutGradient }: Kit,
  [x]: readonly tf.Tensor[],
  { maskValue }: MaskingLayer,
): tf.Tensor {
  return withoutGradient(x as tf.Tensor, (x) => tf.max(tf.cast(tf.notEqual(x, maskValue), "float32"), -1));
}
