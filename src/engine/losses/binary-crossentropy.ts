import * as tf from "@tensorflow/tfjs-core";
import type { BinaryCrossentropyLoss } from "../../gen/losses.js";
import { activated, type LossRule, type ModelOutput } from "../loss.js";

/** Probabilities are kept this far from 0 and 1, where there are no logits to compute with. */
const MARGIN = 1e-7;

/** −(t·log(p) + (1 − t)·log(1 − p)) of every element of an item, summed or their mean. */
const binaryCrossentropy: LossRule<BinaryCrossentropyLoss> = (output, target, _params, reduction) => {
  const sum = summed(output, target);
  const elements = target.shape[1];
  // Of a single output the sum is the mean: no operation more.
  return reduction === "sum" || elements === 1 ? sum : tf.div(sum, elements);
};
export default binaryCrossentropy;

function summed(output: ModelOutput, target: tf.Tensor2D): tf.Tensor1D {
  if (output.activation === "sigmoid") return fromLogits(output.logits, target);
  const p = tf.clipByValue(activated(output), MARGIN, 1 - MARGIN);
  const likelihood = tf.add(tf.mul(target, tf.log(p)), tf.mul(tf.sub(1, target), tf.log(tf.sub(1, p))));
  return tf.neg(tf.sum(likelihood, 1));
}

/**
 * Σ softplus(l) − l·t with gradient sigmoid(l) − t. Softplus is written as max(l, 0) − log(sigmoid(|l|)): it never
 * overflows, and runtimes compute it faster than their own softplus.
 */
function fromLogits(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  const loss = tf.customGrad((x, save) => {
    const l = x as tf.Tensor2D;
    (save as tf.GradSaveFunc)([l, target]);
    const softplus = tf.sub(tf.relu(l), tf.log(tf.sigmoid(tf.abs(l))));
    return {
      value: tf.sum(tf.sub(softplus, tf.mul(l, target)), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [l, target] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.sub(tf.sigmoid(l), target), tf.expandDims(dy, 1));
      },
    };
  });
  return loss(logits) as tf.Tensor1D;
}
