import * as tf from "@tensorflow/tfjs-core";
import { PROBABILITY_MARGIN } from "../../base/classify.js";
import type { BinaryCrossentropyLoss } from "../../gen/losses.js";
import { activated, type LossManner, type LossRule, type ModelOutput } from "../loss.js";
import { log1p } from "../stable.js";

/** −(t·log(p) + (1 − t)·log(1 − p)) of every element of an item, summed or their mean. */
const binaryCrossentropy: LossRule<BinaryCrossentropyLoss> = (output, target, _params, manner) => {
  const sum = summed(output, target, manner);
  const elements = target.shape[1];
  // Of a single output the sum is the mean: no operation more.
  return manner.reduction === "sum" || elements === 1 ? sum : tf.div(sum, elements);
};
export default binaryCrossentropy;

function summed(output: ModelOutput, target: tf.Tensor2D, { exact }: LossManner): tf.Tensor1D {
  if (output.activation === "sigmoid") return fromLogits(output.logits, target, exact);
  // A softmax of one output is always 1: it has no odds.
  if (output.activation === "softmax" && target.shape[1] > 1) return fromLogits(logOdds(output.logits), target, exact);
  const p = activated(output);
  // The margin is taken of both by themselves: 1 − margin has no float32.
  const log = (probability: tf.Tensor) => tf.log(tf.clipByValue(probability, PROBABILITY_MARGIN, 1));
  const likelihood = tf.add(tf.mul(target, log(p)), tf.mul(tf.sub(1, target), log(tf.sub(1, p))));
  return tf.neg(tf.sum(likelihood, 1));
}

/** Σ softplus(l) − l·t with gradient sigmoid(l) − t; no size of l overflows. */
function fromLogits(logits: tf.Tensor2D, target: tf.Tensor2D, exact: boolean): tf.Tensor1D {
  const loss = tf.customGrad((x, save) => {
    const l = x as tf.Tensor2D;
    (save as tf.GradSaveFunc)([l, target]);
    // What cancels where the answer is right comes first: nothing is left of it there.
    const line = tf.sub(tf.relu(l), tf.mul(l, target));
    return {
      value: tf.sum(exact ? tf.add(line, bend(l)) : tf.sub(line, quickBend(l)), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [l, target] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.sub(tf.sigmoid(l), target), tf.expandDims(dy, 1));
      },
    };
  });
  return loss(logits) as tf.Tensor1D;
}

/** Far below any logit. */
const NOWHERE = 1e30;

/**
 * ln(p / (1 − p)) of a softmax's probabilities: each logit against the log-sum-exp of the others. Where it is the largest,
 * the others are summed by themselves, since nothing would be left of them beside it.
 */
function logOdds(logits: tf.Tensor2D): tf.Tensor2D {
  const [items, classes] = logits.shape;
  const top = tf.cast(tf.oneHot(tf.argMax(logits, 1) as tf.Tensor1D, classes), "float32");
  const below = tf.sub(logits, tf.max(logits, 1, true));
  const others = tf.logSumExp(tf.sub(below, tf.mul(top, NOWHERE)), 1, true);
  const powers = tf.exp(below);
  // The 1 of the largest is in the sum and stays there for all but itself; there it keeps the logarithm finite.
  const rest = tf.log(tf.add(tf.sub(tf.sum(powers, 1, true), powers), top));
  const beside = tf.add(tf.mul(top, others), tf.mul(tf.sub(1, top), rest));
  return tf.reshape(tf.sub(below, beside), [items, classes]);
}

/** softplus(l) − max(l, 0) */
function bend(l: tf.Tensor): tf.Tensor {
  return log1p(tf.exp(tf.neg(tf.abs(l))));
}

/**
 * The negative of it, up to 6·10⁻⁸ off. The gradient has the sigmoid already, and runtimes multiply many of these before
 * they take one logarithm: the exact one would make a training with hundreds of outputs slower by an eighth.
 */
function quickBend(l: tf.Tensor): tf.Tensor {
  return tf.log(tf.sigmoid(tf.abs(l)));
}
