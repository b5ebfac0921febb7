import type * as tf from "@tensorflow/tfjs-core";
import type { Kit, OwnLayer } from "../../layer.js";

/** The call of a layer that does nothing where nothing is drawn. */
export function noisy<P>(
  apply: (kit: Kit, x: tf.Tensor, draw: tf.Tensor, params: P) => tf.Tensor,
): OwnLayer<P>["call"] {
  return (kit, inputs, params, pass) => {
    const [x] = inputs as [tf.Tensor];
    const draw = pass.draw();
    return draw === null ? x : apply(kit, x, draw, params);
  };
}
