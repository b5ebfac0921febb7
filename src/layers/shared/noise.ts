import type * as tf from "@tensorflow/tfjs-core";
import type { Kit, OwnLayer } from "../../layer.js";

/** The call of a layer that is active in training only. */
export function noisy<P>(
  apply: (kit: Kit, x: tf.Tensor, draw: tf.Tensor, params: P) => tf.Tensor,
): OwnLayer<P>["call"] {
  return (kit, [x], params, pass) =>
    pass.training ? apply(kit, x as tf.Tensor, pass.draw(), params) : (x as tf.Tensor);
}
