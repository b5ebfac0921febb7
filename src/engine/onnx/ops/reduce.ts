import { type OpSpec, type OpTable, positiveAxis, typed } from "./types.js";

/** Axes are the second input, a constant; left out means all of them. */
const reduction: OpSpec = {
  inputs: [1, 2],
  attributes: { keepdims: "int", noop_with_empty_axes: "int" },
  infer: (context) => {
    const { type, shape } = context.input(0);
    const axes = context.inputs[1] ? context.constant(1) : shape.map((_, axis) => axis);
    const reduced = new Set(axes.map((axis) => positiveAxis(context, axis, shape.length)));
    if (context.int("keepdims", 1)) {
      return typed(
        type,
        shape.map((n, axis) => (reduced.has(axis) ? 1 : n)),
      );
    }
    return typed(
      type,
      shape.filter((_, axis) => !reduced.has(axis)),
    );
  },
};

const argument: OpSpec = {
  inputs: [1, 1],
  attributes: { axis: "int", keepdims: "int", select_last_index: "int" },
  infer: (context) => {
    const { shape } = context.input(0);
    const axis = positiveAxis(context, context.int("axis", 0), shape.length);
    if (context.int("keepdims", 1)) return typed("int64", shape.with(axis, 1));
    return typed("int64", shape.toSpliced(axis, 1));
  },
};

export const reduceOps: OpTable = {
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ArgMax: argument,
  ArgMin: argument,
  CumSum: {
    inputs: [2, 2],
    attributes: { exclusive: "int", reverse: "int" },
    infer: (context) => [context.input(0)],
  },
};
