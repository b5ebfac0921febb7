import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import type { KernelCall, TraceKernel, TraceKernels } from "../trace/call.js";

function axesOf(call: KernelCall, attribute: string): number[] {
  return tf.util.parseAxisParam(call.attribute<number | number[]>(attribute), [...call.shape("x")]);
}

function reduceValue(call: KernelCall, op: string, x: Value, attribute: string): Value {
  const keepdims = call.attribute<boolean | undefined>("keepDims") ? 1 : 0;
  return call.op(op, [x, call.ints(axesOf(call, attribute))], { keepdims });
}

function reduce(op: string, attribute = "axis"): TraceKernel {
  return (call) => {
    if (axesOf(call, attribute).length === 0) return call.alias("x", call.shape("x"));
    return call.result(reduceValue(call, op, call.float("x"), attribute), call.tensor("x").dtype);
  };
}

/** All and Any: the least or greatest of zeros and ones. */
function reduceBool(op: string): TraceKernel {
  return (call) => {
    const ones = call.cast(call.bool("x"), "float32");
    return call.result(call.cast(reduceValue(call, op, ones, "axis"), "bool"), "bool");
  };
}

function argument(op: string): TraceKernel {
  return (call) => {
    const [axis] = axesOf(call, "axis") as [number];
    return call.result(call.op(op, [call.float("x")], { axis, keepdims: 0 }), "int32");
  };
}

function cumsum(call: KernelCall) {
  const flag = (name: string) => (call.attribute<boolean>(name) ? 1 : 0);
  const [axis] = axesOf(call, "axis") as [number];
  const attributes = { exclusive: flag("exclusive"), reverse: flag("reverse") };
  return call.result(call.op("CumSum", [call.float("x"), call.graph.constant("int64", [], [axis])], attributes));
}

function softmax(op: string, input: string, axis: (call: KernelCall) => number): TraceKernel {
  return (call) => {
    const rank = call.shape(input).length;
    return call.result(call.op(op, [call.float(input)], { axis: (axis(call) + rank) % rank }));
  };
}

/** (x − mean) / √(variance + ε) · scale + offset, in the order in which tfjs computes it. */
function fusedBatchNorm(call: KernelCall) {
  const variance = call.op("Add", [call.float("variance"), call.scalar(call.attribute<number>("varianceEpsilon"))]);
  let value: Value = call.op("Sub", [call.float("x"), call.float("mean")]);
  if (call.has("scale")) value = call.op("Mul", [value, call.float("scale")]);
  value = call.op("Div", [value, call.op("Sqrt", [variance])]);
  if (call.has("offset")) value = call.op("Add", [value, call.float("offset")]);
  return call.result(value);
}

export const reduceKernels: TraceKernels = {
  Sum: reduce("ReduceSum"),
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax", "reductionIndices"),
  Min: reduce("ReduceMin"),
  Prod: reduce("ReduceProd"),
  All: reduceBool("ReduceMin"),
  Any: reduceBool("ReduceMax"),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Cumsum: cumsum,
  Softmax: softmax("Softmax", "logits", (call) => call.attribute<number>("dim")),
  LogSoftmax: softmax("LogSoftmax", "logits", (call) => call.attribute<number>("axis")),
  FusedBatchNorm: fusedBatchNorm,
};
