import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { sizeOf } from "../artifact/tensor.js";

/**
 * Lets a convolution of the library compute its dilation by a kernel with zeros between its taps, which is the same
 * sum: the library has no gradient for dilated convolutions. Called when the layer is built, before its output's shape is
 * asked for, which now follows from the larger kernel.
 *
 * @param weight the library's name of the kernel, whose first dimensions are the window's.
 */
export function dilateByKernel(layer: layers.Layer, weight: string, rate: number | readonly number[]): void {
  const convolution = layer as unknown as { dilationRate: number[]; kernelSize: number[] };
  const rates = typeof rate === "number" ? convolution.dilationRate.map(() => rate) : rate;
  if (rates.every((one) => one === 1)) return;
  convolution.dilationRate = rates.map(() => 1);
  convolution.kernelSize = convolution.kernelSize.map((taps, i) => (taps - 1) * (rates[i] as number) + 1);
  const kernel = layer.weights.find(({ originalName }) => originalName === weight);
  if (kernel === undefined) throw new Error(`${layer.name} has no weight ${weight}`);
  const read = kernel.read.bind(kernel);
  kernel.read = () => withGaps(read(), rates) as tf.Variable;
}

function withGaps(kernel: tf.Tensor, rates: readonly number[]): tf.Tensor {
  return rates.reduce((spread, rate, axis) => spreadAxis(spread, axis, rate), kernel);
}

/** Puts `rate` − 1 zeros between the elements along one axis. */
function spreadAxis(x: tf.Tensor, axis: number, rate: number): tf.Tensor {
  const before = sizeOf(x.shape.slice(0, axis));
  const taps = x.shape[axis] as number;
  const after = sizeOf(x.shape.slice(axis + 1));
  const length = (taps - 1) * rate + 1;
  const gaps = tf.pad(tf.reshape(x, [before * taps, 1, after]), [
    [0, 0],
    [0, rate - 1],
    [0, 0],
  ]);
  const spread = tf.slice(tf.reshape(gaps, [before, taps * rate, after]), [0, 0, 0], [before, length, after]);
  return tf.reshape(spread, [...x.shape.slice(0, axis), length, ...x.shape.slice(axis + 1)]);
}
