import type * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossKind } from "../gen/losses.js";
import { lossModules } from "../gen/registry-losses.js";
import { chosen } from "./choice.js";
import type { LossManner, ModelOutput } from "./loss.js";

/** The loss of every item, `[batch]`; `target` is `[batch, elements]` like the output. */
export function perItemLoss(loss: Loss, output: ModelOutput, target: tf.Tensor2D, manner: LossManner): tf.Tensor1D {
  const { kind, params } = chosen(loss);
  return lossModules[kind as LossKind](output, target, params as never, manner);
}
