import * as tf from "@tensorflow/tfjs-core";
import type { HuberLoss } from "../../gen/losses.js";
import { elementwise } from "../loss.js";

/** ½e² for |e| ≤ δ, else δ·(|e| − ½δ); written with q = min(|e|, δ) as q·(|e| − ½q), which needs no branch. */
export default elementwise<HuberLoss>((value, target, { delta }) => {
  const error = tf.abs(tf.sub(value, target));
  const quadratic = tf.minimum(error, delta);
  return tf.mul(quadratic, tf.sub(error, tf.mul(quadratic, 0.5)));
});
