import type { Graph, Value } from "../ir.js";

/**
 * tfjs keeps images as [batch, height, width, channel] and filters as [height, width, in, out]; ONNX wants
 * [batch, channel, height, width] and [out, in, height, width]. ONNX Runtime's own optimizer moves and cancels many
 * of the transposes that this takes.
 */
export const TO_NCHW = [0, 3, 1, 2] as const;
export const TO_NHWC = [0, 2, 3, 1] as const;
/** To [channel, batch, height, width]: the roles of channel and batch exchanged. */
export const TO_CNHW = [3, 0, 1, 2] as const;
export const HWIO_TO_OIHW = [3, 2, 0, 1] as const;

export function transposed(graph: Graph, value: Value, perm: readonly number[]): Value {
  return graph.add("Transpose", [value], { perm });
}

/** Runs `build` on a value in ONNX's layout and brings its result back to that of tfjs. */
export function inNchw(graph: Graph, value: Value, build: (x: Value) => Value): Value {
  return transposed(graph, build(transposed(graph, value, TO_NCHW)), TO_NHWC);
}

export function reshaped(graph: Graph, value: Value, shape: readonly number[]): Value {
  return graph.add("Reshape", [value, graph.ints(shape)]);
}
