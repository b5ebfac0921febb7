import * as tf from "@tensorflow/tfjs-core";
import type { CategoricalCrossentropyLoss } from "../../gen/losses.js";
import { activated, type LossRule } from "../loss.js";

const MARGIN = 1e-7;

/** −Σ t·log(p) over the classes; `target` is one-hot. */
const categoricalCrossentropy: LossRule<CategoricalCrossentropyLoss> = (output, target, { labelSmoothing }) => {
  const classes = target.shape[1];
  const t: tf.Tensor2D =
    labelSmoothing === 0 ? target : tf.add(tf.mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  if (output.activation === "softmax") return fromLogits(output.logits, t);
  return tf.neg(tf.sum(tf.mul(t, tf.log(tf.clipByValue(activated(output), MARGIN, 1))), 1));
};
export default categoricalCrossentropy;

/** log Σ exp(l) − Σ t·l for targets that sum to 1, with gradient softmax(l) − t; the largest logit is taken off first. */
function fromLogits(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  const loss = tf.customGrad((x, save) => {
    const l = x as tf.Tensor2D;
    (save as tf.GradSaveFunc)([l, target]);
    const shifted = tf.sub(l, tf.max(l, 1, true));
    return {
      value: tf.sub(tf.log(tf.sum(tf.exp(shifted), 1)), tf.sum(tf.mul(shifted, target), 1)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [l, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.mul(tf.sub(tf.softmax(l), target), tf.expandDims(dy, 1));
      },
    };
  });
  return loss(logits) as tf.Tensor1D;
}
