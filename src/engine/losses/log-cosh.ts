import * as tf from "@tensorflow/tfjs-core";
import type { LogCoshLoss } from "../../gen/losses.js";
import { elementwise } from "../loss.js";

/** log cosh e = |e| − log 2 − log sigmoid(2|e|), which does not overflow. */
export default elementwise<LogCoshLoss>((value, target) => {
  const error = tf.abs(tf.sub(value, target));
  return tf.sub(tf.sub(error, Math.LN2), tf.log(tf.sigmoid(tf.mul(error, 2))));
});
