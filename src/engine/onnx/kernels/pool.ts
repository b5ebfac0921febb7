import * as tf from "@tensorflow/tfjs-core";
import { inNchw } from "../lower/layout.js";
import { sizeOf } from "../ops/types.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";

type Shape4D = [number, number, number, number];

interface PoolWindow {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

function windowOf(call: KernelCall, input: string): PoolWindow {
  const info = tf.backend_util.computePool2DInfo(
    call.shape(input) as Shape4D,
    call.attribute<[number, number]>("filterSize"),
    call.attribute<[number, number]>("strides"),
    1,
    call.attribute<"valid" | "same" | number>("pad"),
    call.attribute<"floor" | "round" | "ceil" | undefined>("dimRoundingMode"),
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  };
}

function maxPool(call: KernelCall) {
  return call.result(call.op("image.MaxPool", [call.float("x")], maxPoolAttributes(windowOf(call, "x"))));
}

function maxPoolGrad(call: KernelCall) {
  const attributes = maxPoolAttributes(windowOf(call, "input"));
  return call.result(call.op("image.MaxPoolGrad", [call.float("dy"), call.float("input")], attributes));
}

function maxPoolAttributes({ kernel_shape, strides, pads }: PoolWindow) {
  return { kernel: kernel_shape, strides, pads };
}

function avgPool(call: KernelCall) {
  const window = windowOf(call, "x");
  const attributes = { ...window, count_include_pad: 0 };
  return call.result(inNchw(call.graph, call.float("x"), (x) => call.op("AveragePool", [x], attributes)));
}

/**
 * Every output's gradient, divided by the number of real places under its window, is spread over them. (tfjs divides
 * by the full window also where it hangs over the border, which is not the gradient of its own forward pass.)
 */
function avgPoolGrad(call: KernelCall) {
  const window = windowOf(call, "input");
  const [batch, height, width, channels] = call.shape("input") as Shape4D;
  const gradient = inNchw(call.graph, call.float("dy"), (dy) => {
    const [, , rows, columns] = dy.shape as Shape4D;
    const share = call.op("Mul", [
      dy,
      call.graph.constant("float32", [1, 1, rows, columns], shares(window, [height, width], [rows, columns])),
    ]);
    const planes = call.reshape(share, [batch * channels, 1, rows, columns]);
    const ones = call.graph.constant(
      "float32",
      [1, 1, ...window.kernel_shape],
      new Float32Array(sizeOf(window.kernel_shape)).fill(1),
    );
    const output_padding = [height, width].map(
      (size, i) => size - naturalSize(window, i, [rows, columns][i] as number),
    );
    const spread = call.op("ConvTranspose", [planes, ones], { ...window, output_padding, dilations: [1, 1], group: 1 });
    return call.reshape(spread, [batch, channels, height, width]);
  });
  return call.result(gradient);
}

function naturalSize(window: PoolWindow, axis: number, outputs: number): number {
  const pads = (window.pads[axis] as number) + (window.pads[axis + 2] as number);
  return (outputs - 1) * (window.strides[axis] as number) + (window.kernel_shape[axis] as number) - pads;
}

/** 1 / (places of the input under the window) for every output position. */
function shares(window: PoolWindow, input: readonly number[], output: readonly number[]): Float32Array {
  const counts = input.map((size, axis) =>
    Array.from({ length: output[axis] as number }, (_, i) => {
      const start = i * (window.strides[axis] as number) - (window.pads[axis] as number);
      return Math.min(start + (window.kernel_shape[axis] as number), size) - Math.max(start, 0);
    }),
  ) as [number[], number[]];
  return Float32Array.from(counts[0].flatMap((rows) => counts[1].map((columns) => 1 / (rows * columns))));
}

export const poolKernels: TraceKernels = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
};
