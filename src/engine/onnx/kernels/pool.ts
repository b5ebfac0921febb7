import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";
import { inNchw, TO_NCHW, TO_NHWC, transposed } from "./layout.js";

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
  const window = windowOf(call, "x");
  return call.result(inNchw(call, "x", (x) => call.op("MaxPool", [x], { ...window })));
}

/** Every output's gradient goes to the first place of its window where the maximum stands, as in tfjs. */
function maxPoolGrad(call: KernelCall) {
  const window = windowOf(call, "input");
  const x = transposed(call, call.float("input"), TO_NCHW);
  const dy = transposed(call, call.float("dy"), TO_NCHW);
  const [, indices] = call.graph.addMany("MaxPoolIndices", [x], { ...window }) as [Value, Value];
  const apart = window.kernel_shape.every((size, i) => size <= (window.strides[i] as number));
  const gradient = apart ? unpool(call, dy, indices, window, x) : scatter(call, dy, indices, x);
  return call.result(transposed(call, gradient, TO_NHWC));
}

function unpool(call: KernelCall, dy: Value, indices: Value, window: PoolWindow, x: Value): Value {
  return call.op("MaxUnpool", [dy, indices, call.ints(x.shape)], { ...window });
}

/** Overlapping windows may share a maximum, so gradients add up. */
function scatter(call: KernelCall, dy: Value, indices: Value, x: Value): Value {
  const zeros = call.op("Expand", [call.scalar(0), call.ints([sizeOf(x.shape)])]);
  const flat = [sizeOf(dy.shape)];
  const inputs = [zeros, call.reshape(indices, flat), call.reshape(dy, flat)];
  return call.reshape(call.op("ScatterElements", inputs, { axis: 0, reduction: "add" }), x.shape);
}

function avgPool(call: KernelCall) {
  const window = windowOf(call, "x");
  const attributes = { ...window, count_include_pad: 0 };
  return call.result(inNchw(call, "x", (x) => call.op("AveragePool", [x], attributes)));
}

/**
 * Every output's gradient, divided by the number of real places under its window, is spread over them. (tfjs divides
 * by the full window also where it hangs over the border, which is not the gradient of its own forward pass.)
 */
function avgPoolGrad(call: KernelCall) {
  const window = windowOf(call, "input");
  const [batch, height, width, channels] = call.shape("input") as Shape4D;
  const gradient = inNchw(call, "dy", (dy) => {
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
