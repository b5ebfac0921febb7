import type { FunctionProgram } from "../engine.js";
import { emitDynamic, type TracedAt } from "./emit/dynamic.js";
import type { Graph } from "./ir.js";
import { lower } from "./lower/index.js";
import { commonSubexpressions } from "./rewrites/common-subexpressions.js";
import { identities } from "./rewrites/identities.js";
import { softplus } from "./rewrites/softplus.js";
import { TracedFunction } from "./trace/function.js";

/** Unlike any size in a model, so that what changes with them is the batch. */
const BATCHES = [11, 13, 17] as const;

/**
 * A function with its weights as an ONNX model file, in operators of the standard alone, for any batch size.
 *
 * @param weights by variable name; every variable of the program needs one.
 * @returns a ModelProto of operator set 18. Its inputs and outputs are named as in the program, their first
 * dimension is `batch`, their element types and scales are those of the program's inputs.
 */
export function exportOnnx(program: FunctionProgram, weights: Readonly<Record<string, Float32Array>>): Uint8Array {
  const traced = new TracedFunction(program);
  try {
    const traces = BATCHES.map((batch): TracedAt => ({ batch, graph: plain(traced.trace(batch)) }));
    return emitDynamic(traces as [TracedAt, TracedAt, TracedAt], weights);
  } finally {
    traced.dispose();
  }
}

/** Rewrites that do not depend on sizes, so that all traces keep the same nodes. */
function plain(graph: Graph): Graph {
  const lowered = lower(softplus.apply(identities.apply(graph)));
  return commonSubexpressions.apply(identities.apply(lowered));
}
