import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";

/** ONNX's way to say "to the very end" of an axis walked backwards. */
const BEFORE_START = -(2 ** 31);

function transpose(call: KernelCall) {
  const x = call.tensor("x");
  const perm = call.attribute<number[]>("perm");
  const shape = perm.map((axis) => x.shape[axis] as number);
  // An order that moves only axes of size 1 leaves the elements where they are.
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return call.alias("x", shape);
  return call.result(call.op("Transpose", [call.float("x")], { perm }), x.dtype);
}

function concat(call: KernelCall) {
  const names = call.names();
  const rank = call.shape(names[0] as string).length;
  const axis = (call.attribute<number>("axis") + rank) % rank;
  const values = names.map((name) => call.float(name)).filter((value) => value.shape[axis] !== 0);
  return call.result(call.op("Concat", values, { axis }), call.tensor(names[0] as string).dtype);
}

function pack(call: KernelCall) {
  const names = call.names();
  const [first] = names as [string];
  const rank = call.shape(first).length + 1;
  const axis = (call.attribute<number>("axis") + rank) % rank;
  const values = names.map((name) => call.reshape(call.float(name), call.shape(name).toSpliced(axis, 0, 1)));
  return call.result(call.op("Concat", values, { axis }), call.tensor(first).dtype);
}

function unpack(call: KernelCall) {
  const { shape, dtype } = call.tensor("value");
  const axis = (call.attribute<number>("axis") + shape.length) % shape.length;
  const sizes = new Array<number>(shape[axis] as number).fill(1);
  const parts = call.graph.addMany("Split", [call.float("value"), call.ints(sizes)], { axis });
  return parts.map((part) => call.result(part, dtype, shape.toSpliced(axis, 1)));
}

function split(call: KernelCall) {
  const { shape, dtype } = call.tensor("x");
  const [axis] = tf.util.parseAxisParam(call.attribute<number>("axis"), [...shape]) as [number];
  const x = call.tensor("x") as tf.Tensor;
  const sizes = tf.backend_util.prepareSplitSize(x, call.attribute<number | number[]>("numOrSizeSplits"), axis);
  const parts = call.graph.addMany("Split", [call.float("x"), call.ints(sizes)], { axis });
  return parts.map((part) => call.result(part, dtype));
}

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function sliceValue(call: KernelCall, x: Value, ranges: readonly Range[]): Value {
  if (ranges.length === 0) return x;
  const column = (key: keyof Range) => call.ints(ranges.map((range) => range[key]));
  return call.op("Slice", [x, column("start"), column("end"), column("axis"), column("step")]);
}

function slice(call: KernelCall) {
  const x = call.tensor("x") as tf.Tensor;
  const begin = call.attribute<number | number[]>("begin");
  const size = call.attribute<number | number[]>("size");
  const [starts, sizes] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  const ranges = starts
    .map((start, axis) => ({ axis, start, end: start + (sizes[axis] as number), step: 1 }))
    .filter(({ axis, start, end }) => start !== 0 || end !== x.shape[axis]);
  if (ranges.length === 0) return call.alias("x", x.shape);
  return call.result(sliceValue(call, call.float("x"), ranges), x.dtype);
}

function stridedSlice(call: KernelCall) {
  const { shape, dtype } = call.tensor("x");
  const mask = (name: string) => call.attribute<number>(name);
  const info = tf.slice_util.sliceInfo(
    [...shape],
    call.attribute<number[]>("begin"),
    call.attribute<number[]>("end"),
    call.attribute<number[]>("strides"),
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
  if (info.isIdentity) return call.alias("x", info.finalShape);
  const ranges = info.begin.map((start, axis) => {
    const step = info.strides[axis] as number;
    const end = info.end[axis] as number;
    return { axis, start, end: step < 0 && end < 0 ? BEFORE_START : end, step };
  });
  return call.result(sliceValue(call, call.float("x"), ranges), dtype, info.finalShape);
}

function reverse(call: KernelCall) {
  const { shape, dtype } = call.tensor("x");
  const axes = tf.util.parseAxisParam(call.attribute<number | number[]>("dims"), [...shape]);
  const ranges = axes.map((axis) => ({ axis, start: -1, end: BEFORE_START, step: -1 }));
  return call.result(sliceValue(call, call.float("x"), ranges), dtype);
}

function pad(call: KernelCall) {
  const paddings = call.attribute<[number, number][]>("paddings");
  const pads = call.ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const value = call.scalar(call.attribute<number>("constantValue"));
  return call.result(call.op("Pad", [call.float("x"), pads, value], { mode: "constant" }), call.tensor("x").dtype);
}

function mirrorPad(call: KernelCall) {
  if (call.attribute<string>("mode") !== "reflect") call.fail("only the mode reflect is mapped");
  const paddings = call.attribute<[number, number][]>("paddings");
  const pads = call.ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return call.result(call.op("Pad", [call.float("x"), pads], { mode: "reflect" }), call.tensor("x").dtype);
}

function tile(call: KernelCall) {
  const repeats = call.ints(call.attribute<number[]>("reps"));
  return call.result(call.op("Tile", [call.float("x"), repeats]), call.tensor("x").dtype);
}

function gather(call: KernelCall) {
  if (call.attribute<number>("batchDims") !== 0) call.fail("batchDims other than 0");
  const { shape, dtype } = call.tensor("x");
  const [axis] = tf.util.parseAxisParam(call.attribute<number>("axis"), [...shape]) as [number];
  return call.result(call.op("Gather", [call.float("x"), call.index("indices")], { axis }), dtype);
}

/** Row i of x is added to row segmentIds[i] of the result. */
function unsortedSegmentSum(call: KernelCall) {
  const [count, ...rest] = call.shape("x") as [number, ...number[]];
  const shape = [call.attribute<number>("numSegments"), ...rest];
  const zeros = call.op("Expand", [call.scalar(0), call.ints(shape)]);
  const ids = call.reshape(call.index("segmentIds"), [count, 1]);
  return call.result(call.op("ScatterND", [zeros, ids, call.float("x")], { reduction: "add" }));
}

/** By comparison with 0 … depth−1, so that an index outside gives no "on" at all, as in tfjs. */
function oneHot(call: KernelCall) {
  const depth = call.attribute<number>("depth");
  const indices = call.float("indices");
  const places = call.graph.constant(
    "float32",
    [depth],
    Float32Array.from({ length: depth }, (_, i) => i),
  );
  const hit = call.op("Equal", [call.reshape(indices, [...indices.shape, 1]), places]);
  const value = call.op("Where", [
    hit,
    call.scalar(call.attribute<number>("onValue")),
    call.scalar(call.attribute<number>("offValue")),
  ]);
  return call.result(value, call.attribute<tf.DataType | undefined>("dtype") ?? "int32");
}

export const shapeKernels: TraceKernels = {
  Reshape: (call) => {
    const x = call.tensor("x");
    const shape = tf.util.inferFromImplicitShape(call.attribute<number[]>("shape"), tf.util.sizeFromShape(x.shape));
    return call.alias("x", shape);
  },
  ExpandDims: (call) => {
    const { shape } = call.tensor("input");
    const dim = call.attribute<number>("dim");
    return call.alias("input", shape.toSpliced(dim < 0 ? shape.length + dim + 1 : dim, 0, 1));
  },
  Transpose: transpose,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Tile: tile,
  GatherV2: gather,
  UnsortedSegmentSum: unsortedSegmentSum,
  OneHot: oneHot,
};
