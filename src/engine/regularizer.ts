import * as tf from "@tensorflow/tfjs-core";
import type { Regularizer } from "../gen/shared.js";

/**
 * l1·Σ|w| + l2·Σw², or null where both are zero. Computed here and not by the library, which forgets the
 * regularizers of recurrent layers.
 */
export function penaltyOf(weight: tf.Tensor, { l1 = 0, l2 = 0 }: Regularizer): tf.Scalar | null {
  const parts = [
    ...(l1 === 0 ? [] : [tf.mul(tf.sum(tf.abs(weight)), l1)]),
    ...(l2 === 0 ? [] : [tf.mul(tf.sum(tf.square(weight)), l2)]),
  ];
  return parts.length === 0 ? null : (tf.addN(parts) as tf.Scalar);
}
