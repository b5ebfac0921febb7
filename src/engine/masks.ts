/**
 * Masks of sequences: which steps of a tensor count. They belong to tensors, not to layers, and go beside them from layer
 * to layer, so that callers of layers do not handle them.
 */
import type * as tf from "@tensorflow/tfjs-core";

const masks = new WeakMap<tf.Tensor, tf.Tensor>();

/** `[batch, steps]` of 0 and 1; null where all steps count. */
export function maskOf(x: tf.Tensor): tf.Tensor | null {
  return masks.get(x) ?? null;
}

export function giveMask(x: tf.Tensor, mask: tf.Tensor | null): void {
  if (mask !== null) masks.set(x, mask);
}
