import type { LayerRecord, Model } from "../../artifact/types.js";

/**
 * Multiply-adds of one forward pass of one item: a multiplication and the addition after it count once. Element-wise
 * work (activations, normalization, pooling) is left out, as is usual. Null where a layer's count is not known.
 */
export function multiplyAdds(model: Model): number | null {
  const counts = model.parts.flatMap((part) => part.layers).map(layerMultiplyAdds);
  return counts.includes(null) ? null : counts.reduce<number>((sum, n) => sum + (n as number), 0);
}

export function layerMultiplyAdds(layer: LayerRecord): number | null {
  if (layer.branches) {
    const inner = layer.branches.flat().map(layerMultiplyAdds);
    return inner.includes(null) ? null : inner.reduce<number>((sum, n) => sum + (n as number), 0);
  }
  const known = WEIGHTED[layer.kind];
  if (known) return known(layer);
  return layer.parameters === 0 || FREE.has(layer.kind) ? 0 : null;
}

/** Layers with weights whose work is one operation an element. */
const FREE = new Set(["batch_normalization", "layer_normalization", "prelu", "embedding"]);

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Weights of the kernel without biases, from the parameter count; `units` biases unless switched off. */
function kernelWeights(layer: LayerRecord, biases: number): number {
  return layer.parameters - (layer.params.useBias === false ? 0 : biases);
}

function lastOf(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}

/** Every kernel weight is used once at every place that the kernel is laid on. */
const WEIGHTED: Readonly<Record<string, (layer: LayerRecord) => number>> = {
  dense: (layer) =>
    (size(layer.outputShape) / lastOf(layer.outputShape)) * kernelWeights(layer, lastOf(layer.outputShape)),
  conv1d: convolution,
  conv2d: convolution,
  depthwise_conv2d: convolution,
  separable_conv2d: convolution,
  // Transposed: every input place is spread by the whole kernel.
  conv2d_transpose: (layer) =>
    (size(layer.inputShape) / lastOf(layer.inputShape)) * kernelWeights(layer, lastOf(layer.outputShape)),
  simple_rnn: recurrent,
  lstm: recurrent,
  gru: recurrent,
  bidirectional: recurrent,
};

function convolution(layer: LayerRecord): number {
  const channels = lastOf(layer.outputShape);
  return (size(layer.outputShape) / channels) * kernelWeights(layer, channels);
}

/** Every weight once a step; the few biases are counted along. */
function recurrent(layer: LayerRecord): number {
  return layer.parameters * (layer.inputShape[0] ?? 1);
}
