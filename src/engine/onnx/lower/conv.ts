import type { Graph, Node, Value } from "../ir.js";
import { HWIO_TO_OIHW, inNchw, reshaped, TO_CNHW, transposed } from "./layout.js";
import { convWindow, outputPadding, type Window, windowAttributes } from "./window.js";

/** The convolution operators as ONNX's own, transposed before and after. */
export function lowerConv(node: Node, graph: Graph): Value {
  const [x, filter] = node.inputs as [Value, Value];
  const w = convWindow(node);
  const attributes = { ...windowAttributes(w), group: groupsOf(node, filter.shape) };
  return inNchw(graph, x, (images) => graph.add("Conv", [images, onnxFilter(node, graph, filter)], attributes));
}

export function lowerConvInputGrad(node: Node, graph: Graph): Value {
  const [dy, filter] = node.inputs as [Value, Value];
  const w = convWindow(node);
  const group = groupsOf(node, filter.shape);
  const attributes = { ...windowAttributes(w), output_padding: outputPadding(w), group };
  return inNchw(graph, dy, (g) => graph.add("ConvTranspose", [g, onnxFilter(node, graph, filter)], attributes));
}

/**
 * The filter's gradient is itself a convolution: of the images, their channels taken as the batch, with the result's
 * gradient as the filter; strides and dilations change places. Depthwise, every channel is a group, whose channels
 * are the images of the batch.
 */
export function lowerConvFilterGrad(node: Node, graph: Graph): Value {
  const [x, dy] = node.inputs.map((value) => transposed(graph, value as Value, TO_CNHW)) as [Value, Value];
  const filter = node.attributes.filter as readonly [number, number, number, number];
  const w = convWindow(node);
  if (!node.attributes.depthwise) return transposed(graph, correlate(graph, x, dy, w, 1), [2, 3, 0, 1]);
  const [height, width, channels, multiplier] = filter;
  const batch = x.shape[1] as number;
  const flat = reshaped(graph, x, [1, channels * batch, ...w.input]);
  const gradient = correlate(graph, flat, dy, w, channels);
  return transposed(graph, reshaped(graph, gradient, [channels, multiplier, height, width]), [2, 3, 0, 1]);
}

/** Rows and columns that the forward pass did not reach make the result too large: they are cut off. */
function correlate(graph: Graph, x: Value, dy: Value, w: Window, group: number): Value {
  const attributes = { kernel_shape: w.output, strides: w.dilations, dilations: w.strides, pads: w.pads, group };
  const full = graph.add("Conv", [x, dy], attributes);
  if (w.kernel.every((size, i) => full.shape[i + 2] === size)) return full;
  return graph.add("Slice", [full, graph.ints([0, 0]), graph.ints(w.kernel), graph.ints([2, 3]), graph.ints([1, 1])]);
}

function groupsOf(node: Node, filter: readonly number[]): number {
  return node.attributes.depthwise ? (filter[2] as number) : 1;
}

/** [out, in, height, width]; depthwise, one filter a channel and multiplier: [channels × multiplier, 1, h, w]. */
function onnxFilter(node: Node, graph: Graph, filter: Value): Value {
  if (!node.attributes.depthwise) return transposed(graph, filter, HWIO_TO_OIHW);
  const [height, width, channels, multiplier] = filter.shape as readonly [number, number, number, number];
  return reshaped(graph, transposed(graph, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}
