import { broadcast, type InferContext, type OpSpec, type OpTable, typed } from "./types.js";

function product(context: InferContext, transA: boolean, transB: boolean): readonly number[] {
  const a = context.input(0).shape;
  const b = context.input(1).shape;
  if (a.length < 2 || b.length < 2) context.fail(`operands of rank ${a.length} and ${b.length}`);
  const [m, k] = transA ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)];
  const [l, n] = transB ? [b.at(-1), b.at(-2)] : [b.at(-2), b.at(-1)];
  if (k !== l) context.fail(`inner sizes ${k} and ${l} of [${a}] and [${b}]`);
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  if (!batch) context.fail(`batch shapes of [${a}] and [${b}] do not broadcast`);
  return [...(batch as readonly number[]), m as number, n as number];
}

const gemm: OpSpec = {
  inputs: [2, 3],
  attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
  infer: (context) => {
    if (context.input(0).shape.length !== 2 || context.input(1).shape.length !== 2)
      context.fail("operands not of rank 2");
    const shape = product(context, context.int("transA", 0) === 1, context.int("transB", 0) === 1);
    if (context.inputs[2] && broadcast([shape, context.input(2).shape])?.join() !== shape.join()) {
      context.fail(`[${context.input(2).shape}] does not broadcast to [${shape}]`);
    }
    return typed("float32", shape);
  },
};

export const matmulOps: OpTable = {
  MatMul: { inputs: [2, 2], infer: (context) => typed("float32", product(context, false, false)) },
  Gemm: gemm,
  "com.microsoft.FusedMatMul": {
    inputs: [2, 2],
    attributes: { alpha: "float", transA: "int", transB: "int" },
    infer: (context) =>
      typed("float32", product(context, context.int("transA", 0) === 1, context.int("transB", 0) === 1)),
  },
};
