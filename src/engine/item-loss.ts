import type * as tf from "@tensorflow/tfjs-core";
import type { Loss } from "../gen/losses.js";
import { chosen } from "./choice.js";
import { lossRule } from "./kinds.js";
import type { LossManner, ModelOutput } from "./loss.js";

/** The loss of every item, `[batch]`; `target` is `[batch, elements]` like the output. */
export function perItemLoss(loss: Loss, output: ModelOutput, target: tf.Tensor2D, manner: LossManner): tf.Tensor1D {
  const { kind, params } = chosen(loss);
  return lossRule(kind)(output, target, params, manner);
}
