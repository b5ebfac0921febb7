import type { Value } from "../ir.js";
import type { KernelCall } from "../trace/call.js";

/**
 * tfjs keeps images as [batch, height, width, channel] and filters as [height, width, in, out]; ONNX wants
 * [batch, channel, height, width] and [out, in, height, width]. The kernels convert around every operator; the
 * rewrite `layout` removes what cancels.
 */
export const TO_NCHW = [0, 3, 1, 2] as const;
export const TO_NHWC = [0, 2, 3, 1] as const;
/** To [channel, batch, height, width]: the roles of channel and batch exchanged. */
export const TO_CNHW = [3, 0, 1, 2] as const;
export const HWIO_TO_OIHW = [3, 2, 0, 1] as const;

export function transposed(call: KernelCall, value: Value, perm: readonly number[]): Value {
  return call.op("Transpose", [value], { perm });
}

/** Runs `build` on the input in ONNX's layout and brings its result back to that of tfjs. */
export function inNchw(call: KernelCall, input: string, build: (x: Value) => Value): Value {
  return transposed(call, build(transposed(call, call.float(input), TO_NCHW)), TO_NHWC);
}
