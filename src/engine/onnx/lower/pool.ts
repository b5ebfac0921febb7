import type { Graph, Node, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import type { Attributes } from "../types.js";
import { inNchw, reshaped, TO_NCHW, TO_NHWC, transposed } from "./layout.js";

export function lowerMaxPool(node: Node, graph: Graph): Value {
  return inNchw(graph, node.inputs[0] as Value, (x) => graph.add("MaxPool", [x], poolAttributes(node)));
}

/** Every output's gradient goes to the first place of its window where the maximum stands, as in tfjs. */
export function lowerMaxPoolGrad(node: Node, graph: Graph): Value {
  const [dy, x] = node.inputs.map((value) => transposed(graph, value as Value, TO_NCHW)) as [Value, Value];
  const attributes = poolAttributes(node);
  const [, indices] = graph.addMany("MaxPoolIndices", [x], attributes) as [Value, Value];
  const strides = node.attributes.strides as readonly number[];
  const apart = (node.attributes.kernel as readonly number[]).every((size, i) => size <= (strides[i] as number));
  const gradient = apart
    ? graph.add("MaxUnpool", [dy, indices, graph.ints(x.shape)], attributes)
    : scatter(graph, dy, indices, x);
  return transposed(graph, gradient, TO_NHWC);
}

/** Overlapping windows may share a maximum, so gradients add up. */
function scatter(graph: Graph, dy: Value, indices: Value, x: Value): Value {
  const zeros = graph.add("Expand", [graph.scalar(0), graph.ints([sizeOf(x.shape)])]);
  const flat = [sizeOf(dy.shape)];
  const inputs = [zeros, reshaped(graph, indices, flat), reshaped(graph, dy, flat)];
  return reshaped(graph, graph.add("ScatterElements", inputs, { axis: 0, reduction: "add" }), x.shape);
}

function poolAttributes({ attributes: { kernel, strides, pads } }: Node): Attributes {
  return { kernel_shape: kernel ?? [], strides: strides ?? [], pads: pads ?? [] };
}
