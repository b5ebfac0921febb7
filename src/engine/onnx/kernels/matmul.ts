import type { Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import type { KernelCall, TraceKernels } from "../trace/call.js";
import { activate } from "./elementwise.js";

/**
 * A product of two stacks of matrices `[…, m, k] × […, k, n]`, as the cheapest operator that can say it: Gemm when
 * one plain product will do (no stack, or the right side shared by the whole stack), FusedMatMul otherwise.
 */
function product(call: KernelCall): Value {
  const transA = call.attribute<boolean>("transposeA") ? 1 : 0;
  const transB = call.attribute<boolean>("transposeB") ? 1 : 0;
  const a = call.float("a");
  const b = call.float("b");
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const stacked = sizeOf(batchA) > 1;
  if (sizeOf(batchB) > 1 || (stacked && transA)) {
    return call.op("com.microsoft.FusedMatMul", [a, b], { transA, transB });
  }
  const rows = stacked ? sizeOf(a.shape.slice(0, -1)) : (a.shape.at(-2) as number);
  const left = call.reshape(a, [rows, a.shape.at(-1) as number]);
  const right = call.reshape(b, b.shape.slice(-2));
  const flat = call.op("Gemm", [left, right], { transA, transB });
  const batch = batchA.length >= batchB.length ? batchA : batchB;
  return call.reshape(flat, [...batch, rowsOf(a, transA), flat.shape[1] as number]);
}

function rowsOf(a: Value, transposed: 0 | 1): number {
  return a.shape.at(transposed ? -1 : -2) as number;
}

function fusedMatMul(call: KernelCall) {
  let value = product(call);
  if (call.has("bias")) value = call.op("Add", [value, call.float("bias")]);
  return call.result(activate(call, value, call.attribute<string | undefined>("activation")));
}

export const matmulKernels: TraceKernels = {
  BatchMatMul: (call) => call.result(product(call)),
  _FusedMatMul: fusedMatMul,
};
