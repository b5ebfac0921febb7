import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";
import type { Attributes } from "../types.js";
import { activate } from "./elementwise.js";

type Shape4D = [number, number, number, number];

/** How the filter slides, as the image operators want to know it. */
function sliding(call: KernelCall, x: readonly number[], filter: readonly number[], depthwise: boolean): Attributes {
  const dataFormat = call.attribute<string | undefined>("dataFormat");
  if (dataFormat && dataFormat !== "NHWC") call.fail(`the data format ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    call.attribute<[number, number]>("strides"),
    call.attribute<[number, number] | undefined>("dilations") ?? [1, 1],
    call.attribute<"valid" | "same" | number>("pad"),
    call.attribute<"floor" | "round" | "ceil" | undefined>("dimRoundingMode"),
    depthwise,
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
    depthwise: depthwise ? 1 : 0,
  };
}

function conv(depthwise: boolean): (call: KernelCall) => Value {
  return (call) => {
    const attributes = sliding(call, call.shape("x"), call.shape("filter"), depthwise);
    const value = call.op("image.Conv", [call.float("x"), call.float("filter")], attributes);
    return call.has("bias") ? call.op("Add", [value, call.float("bias")]) : value;
  };
}

function inputGradient(depthwise: boolean): (call: KernelCall) => Value {
  return (call) => {
    const input = call.attribute<Shape4D>("inputShape");
    const attributes = { ...sliding(call, input, call.shape("filter"), depthwise), input };
    return call.op("image.ConvInputGrad", [call.float("dy"), call.float("filter")], attributes);
  };
}

function filterGradient(depthwise: boolean): (call: KernelCall) => Value {
  return (call) => {
    const filter = call.attribute<Shape4D>("filterShape");
    const attributes = { ...sliding(call, call.shape("x"), filter, depthwise), filter };
    return call.op("image.ConvFilterGrad", [call.float("x"), call.float("dy")], attributes);
  };
}

function plain(build: (call: KernelCall) => Value) {
  return (call: KernelCall) => call.result(build(call));
}

function fused(build: (call: KernelCall) => Value) {
  return (call: KernelCall) => call.result(activate(call, build(call), call.attribute("activation")));
}

export const convKernels: TraceKernels = {
  Conv2D: plain(conv(false)),
  FusedConv2D: fused(conv(false)),
  Conv2DBackpropInput: plain(inputGradient(false)),
  Conv2DBackpropFilter: plain(filterGradient(false)),
  DepthwiseConv2dNative: plain(conv(true)),
  FusedDepthwiseConv2D: fused(conv(true)),
  DepthwiseConv2dNativeBackpropInput: plain(inputGradient(true)),
  DepthwiseConv2dNativeBackpropFilter: plain(filterGradient(true)),
};
