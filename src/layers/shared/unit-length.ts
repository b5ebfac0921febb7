import type * as tf from "@tensorflow/tfjs-core";
import type { Kit } from "../../layer.js";

/** Of a vector that is shorter than its square root, the length is not divided out. */
const EPSILON = 1e-12;

/** x / √max(Σx², ε), the sum along one axis. */
export function unitLength({ tf }: Kit, x: tf.Tensor, axis: number): tf.Tensor {
  const square = tf.sum(tf.square(x), axis, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(square, EPSILON)));
}
