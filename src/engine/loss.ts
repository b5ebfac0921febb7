import * as tf from "@tensorflow/tfjs-core";
import type { OutputActivation } from "./classification.js";

/**
 * What a model's last layer gives, taken apart: crossentropy after a sigmoid or softmax is computed on the logits, which
 * is exact for any size of them and has a simple gradient.
 */
export interface ModelOutput {
  /** Before the activation, `[batch, elements]`. */
  readonly logits: tf.Tensor2D;
  readonly activation: OutputActivation;
}
/** How elements of an item become one number: the sum when reconstructing, the mean when predicting. */
export type Reduction = "sum" | "mean";

export interface LossManner {
  readonly reduction: Reduction;
  /** Whether the value must be as precise as float32 allows, also where that takes time. The gradient is in any case. */
  readonly exact: boolean;
}

/** What a file in `losses/` exports. All tensors are `[batch, elements]`, the result is one number an item, `[batch]`. */
export type LossRule<P> = (output: ModelOutput, target: tf.Tensor2D, params: P, manner: LossManner) => tf.Tensor1D;

/** The values that the model's last layer stands for. */
export function activated({ logits, activation }: ModelOutput): tf.Tensor2D {
  if (activation === "sigmoid") return tf.sigmoid(logits);
  return activation === "softmax" ? tf.softmax(logits) : logits;
}

/** A loss that looks at each element of the output by itself. */
export function elementwise<P>(error: (value: tf.Tensor, target: tf.Tensor, params: P) => tf.Tensor): LossRule<P> {
  return (output, target, params, { reduction }) => {
    const errors = error(activated(output), target, params);
    return reduction === "sum" ? tf.sum(errors, 1) : tf.mean(errors, 1);
  };
}
