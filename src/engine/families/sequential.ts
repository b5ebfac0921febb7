import * as tf from "@tensorflow/tfjs-core";
import type { Loss } from "../../gen/losses.js";
import type { Batch, Family, Objective } from "../family.js";
import { perItemLoss } from "../item-loss.js";
import type { ModelOutput } from "../loss.js";
import { flattened } from "../network.js";

/** Layers one after the other; the output is compared with the labels. */
export const sequential: Family = {
  draws: () => [],
  itemResults(network, batch, objective, pass) {
    const output = network.output(batch.x, pass);
    const target = targetOf(batch, output.logits.shape[1]);
    const loss = perItemLoss(objective.loss as Loss, output, target, { reduction: "mean", exact: true });
    const classifies = batch.y?.dtype === "int32" && objective.labels !== "numbers";
    return {
      loss: weighted(loss, target, objective.classWeights),
      parts: classifies ? { accuracy: accuracy(output, target) } : {},
      answers: () => ({ logits: output.logits }),
    };
  },
};

/** Class numbers become rows with a 1 at the class, or for a model with a single output stay as they are. */
function targetOf({ y }: Batch, outputs: number): tf.Tensor2D {
  if (y === undefined) throw new Error("a sequential model is trained and measured on labels");
  if (y.dtype !== "int32") return flattened(y);
  if (outputs === 1) return tf.expandDims(tf.cast(y, "float32"), 1);
  return tf.oneHot(y as tf.Tensor1D, outputs) as tf.Tensor2D;
}

function weighted(loss: tf.Tensor1D, target: tf.Tensor2D, weights: Objective["classWeights"]): tf.Tensor1D {
  if (weights === undefined) return loss;
  if (target.shape[1] > 1) return tf.mul(loss, tf.sum(tf.mul(target, tf.tensor1d([...weights])), 1));
  const [no, yes] = weights as [number, number];
  return tf.mul(loss, tf.add(tf.mul(tf.squeeze(target, [1]), yes - no), no));
}

/** 1 where the largest output is the true class's; for a single output, where it is on the right side of ½. */
function accuracy(output: ModelOutput, target: tf.Tensor2D): tf.Tensor1D {
  const right =
    target.shape[1] > 1
      ? tf.equal(tf.argMax(output.logits, 1), tf.argMax(target, 1))
      : tf.equal(isYes(output), tf.greater(tf.squeeze(target, [1]), 0.5));
  return tf.cast(right, "float32") as tf.Tensor1D;
}

/** A sigmoid is beyond ½ where its logit is above 0; close to it the sigmoid itself rounds to ½. */
function isYes({ logits, activation }: ModelOutput): tf.Tensor {
  return tf.greater(tf.squeeze(logits, [1]), activation === "sigmoid" ? 0 : 0.5);
}
