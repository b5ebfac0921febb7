import type * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";

/**
 * Resizing is linear and works on each axis alone, so it is a product with one constant matrix an axis
 * [new size, old size], and its gradient a product with the same matrices transposed. Enlarging by a whole factor
 * without interpolation (UpSampling2D) needs no arithmetic at all: there elements are repeated, or summed up.
 */
type Weights = (place: number, size: number) => readonly (readonly [index: number, weight: number])[];

const nearest: (call: KernelCall) => Weights = (call) => {
  const halfway = call.attribute<boolean>("halfPixelCenters");
  const corners = call.attribute<boolean>("alignCorners");
  return (place, size) => {
    const at = corners ? Math.round(place) : Math.floor(halfway ? place + 0.5 : place);
    return [[Math.min(Math.max(at, 0), size - 1), 1]];
  };
};

const bilinear: () => Weights = () => (place, size) => {
  const low = Math.floor(place);
  const clamp = (index: number) => Math.min(Math.max(index, 0), size - 1);
  return [
    [clamp(low), 1 - (place - low)],
    [clamp(Math.ceil(place)), place - low],
  ];
};

/** Where output row i looks in the input, before rounding; the three conventions of tfjs. */
function sourcePlace(call: KernelCall, i: number, from: number, to: number): number {
  const corners = call.attribute<boolean>("alignCorners") && to > 1;
  const scale = corners ? (from - 1) / (to - 1) : from / to;
  return call.attribute<boolean>("halfPixelCenters") ? scale * (i + 0.5) - 0.5 : scale * i;
}

function matrix(call: KernelCall, weights: Weights, from: number, to: number, transposed: boolean): Value {
  const data = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    for (const [j, weight] of weights(sourcePlace(call, i, from, to), from)) {
      const place = transposed ? j * to + i : i * from + j;
      data[place] = (data[place] as number) + weight;
    }
  }
  return call.graph.constant("float32", transposed ? [from, to] : [to, from], data);
}

/** Products along height and width of `[batch, height, width, channels]`. */
function alongBothAxes(call: KernelCall, x: Value, vertical: Value, horizontal: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const rows = vertical.shape[0] as number;
  const columns = horizontal.shape[0] as number;
  const tall = call.op("MatMul", [vertical, call.reshape(x, [batch, height, width * channels])]);
  const wide = call.op("MatMul", [horizontal, call.reshape(tall, [batch * rows, width, channels])]);
  return call.reshape(wide, [batch, rows, columns, channels]);
}

function isRepeat(call: KernelCall, small: readonly number[], large: readonly number[]): boolean {
  const plain = !call.attribute<boolean>("alignCorners");
  return plain && [1, 2].every((axis) => (large[axis] as number) % (small[axis] as number) === 0);
}

/** `[batch, h, fy, w, fx, channels]`: the enlarged image with every repeated element on axes of its own. */
function repeatedShape(small: readonly number[], large: readonly number[]): number[] {
  const [batch, height, width, channels] = small as [number, number, number, number];
  return [batch, height, (large[1] as number) / height, width, (large[2] as number) / width, channels];
}

function resize(call: KernelCall, weights: Weights | undefined): tf.TensorInfo {
  const images = call.float("images");
  const [height, width] = call.attribute<[number, number]>("size");
  const [batch, fromHeight, fromWidth, channels] = images.shape as [number, number, number, number];
  const shape = [batch, height, width, channels];
  if (!weights) {
    const apart = call.reshape(images, repeatedShape(images.shape, shape).with(2, 1).with(4, 1));
    return call.result(call.op("Expand", [apart, call.ints(repeatedShape(images.shape, shape))]), "float32", shape);
  }
  const vertical = matrix(call, weights, fromHeight, height, false);
  return call.result(alongBothAxes(call, images, vertical, matrix(call, weights, fromWidth, width, false)));
}

function resizeGrad(call: KernelCall, weights: Weights | undefined): tf.TensorInfo {
  const dy = call.float("dy");
  const shape = call.shape("images");
  if (!weights) {
    const apart = call.reshape(dy, repeatedShape(shape, dy.shape));
    return call.result(call.op("ReduceSum", [apart, call.ints([2, 4])], { keepdims: 0 }));
  }
  const vertical = matrix(call, weights, shape[1] as number, dy.shape[1] as number, true);
  const horizontal = matrix(call, weights, shape[2] as number, dy.shape[2] as number, true);
  return call.result(alongBothAxes(call, dy, vertical, horizontal));
}

export const resizeKernels: TraceKernels = {
  ResizeNearestNeighbor: (call) => {
    const [batch, , , channels] = call.shape("images") as [number, number, number, number];
    const large = [batch, ...call.attribute<number[]>("size"), channels];
    return resize(call, isRepeat(call, call.shape("images"), large) ? undefined : nearest(call));
  },
  ResizeNearestNeighborGrad: (call) =>
    resizeGrad(call, isRepeat(call, call.shape("images"), call.shape("dy")) ? undefined : nearest(call)),
  ResizeBilinear: (call) => resize(call, bilinear()),
  ResizeBilinearGrad: (call) => resizeGrad(call, bilinear()),
};
