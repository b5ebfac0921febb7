import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";
import type { Attributes } from "../types.js";
import { activate } from "./elementwise.js";
import { HWIO_TO_OIHW, inNchw, TO_CNHW, transposed } from "./layout.js";

type Shape4D = [number, number, number, number];
type Pad = "valid" | "same" | number;

interface Geometry {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  /** Height and width of input, filter and output. */
  readonly input: readonly number[];
  readonly kernel: readonly number[];
  readonly output: readonly number[];
}

function geometry(call: KernelCall, x: readonly number[], filter: readonly number[], depthwise = false): Geometry {
  const dataFormat = call.attribute<string | undefined>("dataFormat");
  if (dataFormat && dataFormat !== "NHWC") call.fail(`the data format ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    call.attribute<[number, number]>("strides"),
    call.attribute<[number, number] | undefined>("dilations") ?? [1, 1],
    call.attribute<Pad>("pad"),
    call.attribute<"floor" | "round" | "ceil" | undefined>("dimRoundingMode"),
    depthwise,
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
    input: [info.inHeight, info.inWidth],
    kernel: [info.filterHeight, info.filterWidth],
    output: [info.outHeight, info.outWidth],
  };
}

function windowAttributes(g: Geometry): Attributes {
  return { kernel_shape: g.kernel, strides: g.strides, dilations: g.dilations, pads: g.pads };
}

/** With it ConvTranspose gives the size that the forward pass came from, where strides do not divide it. */
function outputPadding(g: Geometry): readonly number[] {
  return g.input.map((size, i) => {
    const reach = (at(g.kernel, i) - 1) * at(g.dilations, i) + 1;
    return size - ((at(g.output, i) - 1) * at(g.strides, i) + reach - at(g.pads, i) - at(g.pads, i + 2));
  });
}

function at(list: readonly number[], index: number): number {
  return list[index] as number;
}

function forward(call: KernelCall, filter: Value, g: Geometry, group: number): Value {
  const bias = call.has("bias") ? call.float("bias") : undefined;
  const inside = bias?.shape.length === 1 ? bias : undefined;
  const value = inNchw(call, "x", (x) =>
    call.op("Conv", inside ? [x, filter, inside] : [x, filter], { ...windowAttributes(g), group }),
  );
  return bias && !inside ? call.op("Add", [value, bias]) : value;
}

function conv2d(call: KernelCall): Value {
  const filter = transposed(call, call.float("filter"), HWIO_TO_OIHW);
  return forward(call, filter, geometry(call, call.shape("x"), call.shape("filter")), 1);
}

/** [h, w, channels, multiplier] as one filter a channel and multiplier: [channels × multiplier, 1, h, w]. */
function depthwiseFilter(call: KernelCall): Value {
  const [height, width, channels, multiplier] = call.shape("filter") as Shape4D;
  const ordered = transposed(call, call.float("filter"), [2, 3, 0, 1]);
  return call.reshape(ordered, [channels * multiplier, 1, height, width]);
}

function depthwise(call: KernelCall): Value {
  const shape = call.shape("filter");
  return forward(call, depthwiseFilter(call), geometry(call, call.shape("x"), shape, true), at(shape, 2));
}

function backpropInput(call: KernelCall, filter: Value, g: Geometry, group: number): Value {
  const attributes = { ...windowAttributes(g), output_padding: outputPadding(g), group };
  return inNchw(call, "dy", (dy) => call.op("ConvTranspose", [dy, filter], attributes));
}

function conv2dBackpropInput(call: KernelCall): Value {
  const filter = transposed(call, call.float("filter"), HWIO_TO_OIHW);
  return backpropInput(call, filter, geometry(call, call.attribute("inputShape"), call.shape("filter")), 1);
}

function depthwiseBackpropInput(call: KernelCall): Value {
  const shape = call.shape("filter");
  const g = geometry(call, call.attribute("inputShape"), shape, true);
  return backpropInput(call, depthwiseFilter(call), g, at(shape, 2));
}

/**
 * The filter's gradient is itself a convolution: the input, its channels taken as the batch, with the output's
 * gradient as the filter; strides and dilations change places. Rows and columns that the forward pass did not
 * reach make it too large: they are cut off.
 */
function correlate(call: KernelCall, x: Value, dy: Value, g: Geometry, group: number): Value {
  const attributes = { kernel_shape: g.output, strides: g.dilations, dilations: g.strides, pads: g.pads, group };
  const full = call.op("Conv", [x, dy], attributes);
  const [height, width] = g.kernel as [number, number];
  if (full.shape[2] === height && full.shape[3] === width) return full;
  return call.op("Slice", [full, call.ints([0, 0]), call.ints([height, width]), call.ints([2, 3]), call.ints([1, 1])]);
}

function conv2dBackpropFilter(call: KernelCall): Value {
  const g = geometry(call, call.shape("x"), call.attribute("filterShape"));
  const x = transposed(call, call.float("x"), TO_CNHW);
  const dy = transposed(call, call.float("dy"), TO_CNHW);
  return transposed(call, correlate(call, x, dy, g, 1), [2, 3, 0, 1]);
}

/** As above, one group a channel: the batch of every channel lies along the channel axis. */
function depthwiseBackpropFilter(call: KernelCall): Value {
  const shape = call.attribute<Shape4D>("filterShape");
  const [height, width, channels, multiplier] = shape;
  const g = geometry(call, call.shape("x"), shape, true);
  const x = transposed(call, call.float("x"), TO_CNHW);
  const dy = transposed(call, call.float("dy"), TO_CNHW);
  const flat = call.reshape(x, [1, channels * at(x.shape, 1), ...g.input]);
  const gradient = call.reshape(correlate(call, flat, dy, g, channels), [channels, multiplier, height, width]);
  return transposed(call, gradient, [2, 3, 0, 1]);
}

function fused(build: (call: KernelCall) => Value) {
  return (call: KernelCall) => call.result(activate(call, build(call), call.attribute("activation")));
}

export const convKernels: TraceKernels = {
  Conv2D: (call) => call.result(conv2d(call)),
  FusedConv2D: fused(conv2d),
  Conv2DBackpropInput: (call) => call.result(conv2dBackpropInput(call)),
  Conv2DBackpropFilter: (call) => call.result(conv2dBackpropFilter(call)),
  DepthwiseConv2dNative: (call) => call.result(depthwise(call)),
  FusedDepthwiseConv2D: fused(depthwise),
  DepthwiseConv2dNativeBackpropInput: (call) => call.result(depthwiseBackpropInput(call)),
  DepthwiseConv2dNativeBackpropFilter: (call) => call.result(depthwiseBackpropFilter(call)),
};
