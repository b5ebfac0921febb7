import * as tf from "@tensorflow/tfjs-core";
import { PROBABILITY_MARGIN } from "../../base/classify.js";
import type { CategoricalCrossentropyLoss } from "../../gen/losses.js";
import { activated, type LossRule } from "../loss.js";
import { log1p } from "../stable.js";

/** −Σ t·log(p) over the classes; `target` is one-hot. */
const categoricalCrossentropy: LossRule<CategoricalCrossentropyLoss> = (output, target, { labelSmoothing }) => {
  const classes = target.shape[1];
  const t: tf.Tensor2D =
    labelSmoothing === 0 ? target : tf.add(tf.mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  if (output.activation === "softmax") return fromLogits(output.logits, t);
  return tf.neg(tf.sum(tf.mul(t, tf.log(tf.clipByValue(activated(output), PROBABILITY_MARGIN, 1))), 1));
};
export default categoricalCrossentropy;

/**
 * log Σ exp(l) − Σ t·l for targets that sum to 1, with gradient softmax(l) − t. The largest logit is taken off first, and
 * its 1 out of the sum: what is left of a right answer is the sum of the others.
 */
function fromLogits(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  const loss = tf.customGrad((x, save) => {
    const l = x as tf.Tensor2D;
    (save as tf.GradSaveFunc)([l, target]);
    const shifted = tf.sub(l, tf.max(l, 1, true));
    const others = tf.sub(1, tf.oneHot(tf.argMax(l, 1) as tf.Tensor1D, l.shape[1]));
    return {
      value: tf.sub(log1p(tf.sum(tf.mul(tf.exp(shifted), others), 1)), tf.sum(tf.mul(shifted, target), 1)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [l, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.mul(tf.sub(tf.softmax(l), target), tf.expandDims(dy, 1));
      },
    };
  });
  return loss(logits) as tf.Tensor1D;
}
