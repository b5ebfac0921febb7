import { broadcast, type InferContext, type OpTable, positiveAxis, sameShape, sizeOf, typed } from "./types.js";

function concat(context: InferContext) {
  const first = context.input(0);
  const axis = positiveAxis(context, context.int("axis"), first.shape.length);
  let total = 0;
  for (let i = 0; i < context.inputs.length; i++) {
    const { type, shape } = context.input(i);
    if (type !== first.type || !sameShape(shape.with(axis, 1), first.shape.with(axis, 1))) {
      context.fail(`${type}[${shape}] beside ${first.type}[${first.shape}]`);
    }
    total += shape[axis] as number;
  }
  return typed(first.type, first.shape.with(axis, total));
}

/** Starts, ends, axes, steps, as ONNX defines them: ends beyond the array are cut, negatives count from the end. */
function slice(context: InferContext) {
  const { type, shape } = context.input(0);
  const starts = context.constant(1);
  const ends = context.constant(2);
  const axes = context.inputs[3] ? context.constant(3) : starts.map((_, i) => i);
  const steps = context.inputs[4] ? context.constant(4) : starts.map(() => 1);
  const result = [...shape];
  axes.forEach((axis, i) => {
    const at = positiveAxis(context, axis, shape.length);
    const size = shape[at] as number;
    const step = steps[i] as number;
    const clamp = (place: number) => {
      const from = place < 0 ? place + size : place;
      return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
    };
    result[at] = Math.max(0, Math.ceil((clamp(ends[i] as number) - clamp(starts[i] as number)) / step));
  });
  return typed(type, result);
}

function gather(context: InferContext) {
  const { type, shape } = context.input(0);
  const axis = positiveAxis(context, context.int("axis", 0), shape.length);
  return typed(type, [...shape.slice(0, axis), ...context.input(1).shape, ...shape.slice(axis + 1)]);
}

export const shapeOps: OpTable = {
  Reshape: {
    inputs: [2, 2],
    infer: (context) => {
      const { type, shape } = context.input(0);
      const target = context.constant(1);
      if (sizeOf(target) !== sizeOf(shape)) context.fail(`[${shape}] to [${target}]`);
      return typed(type, target);
    },
  },
  Transpose: {
    inputs: [1, 1],
    attributes: { perm: "ints" },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const perm = context.ints("perm") ?? context.fail("no perm");
      if (
        !sameShape(
          [...perm].sort((a, b) => a - b),
          [...shape.keys()],
        )
      )
        context.fail(`perm [${perm}] of [${shape}]`);
      return typed(
        type,
        perm.map((axis) => shape[axis] as number),
      );
    },
  },
  Concat: { inputs: [1, 1000], attributes: { axis: "int" }, infer: concat },
  Split: {
    inputs: [2, 2],
    attributes: { axis: "int" },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const axis = positiveAxis(context, context.int("axis", 0), shape.length);
      const sizes = context.constant(1);
      if (sizes.reduce((a, b) => a + b, 0) !== shape[axis]) context.fail(`[${shape}] into [${sizes}] along ${axis}`);
      return sizes.map((size) => ({ type, shape: shape.with(axis, size) }));
    },
  },
  Slice: { inputs: [3, 5], infer: slice },
  Pad: {
    inputs: [2, 3],
    attributes: { mode: "string" },
    infer: (context) => {
      const { type, shape } = context.input(0);
      const pads = context.constant(1);
      if (pads.length !== 2 * shape.length) context.fail(`${pads.length} pads for rank ${shape.length}`);
      return typed(
        type,
        shape.map((n, i) => n + (pads[i] as number) + (pads[i + shape.length] as number)),
      );
    },
  },
  Expand: {
    inputs: [2, 2],
    infer: (context) => {
      const { type, shape } = context.input(0);
      const target = context.constant(1);
      return typed(type, broadcast([shape, target]) ?? context.fail(`[${shape}] to [${target}]`));
    },
  },
  Tile: {
    inputs: [2, 2],
    infer: (context) => {
      const { type, shape } = context.input(0);
      const repeats = context.constant(1);
      if (repeats.length !== shape.length) context.fail(`repeats [${repeats}] of [${shape}]`);
      return typed(
        type,
        shape.map((n, i) => n * (repeats[i] as number)),
      );
    },
  },
  Gather: { inputs: [2, 2], attributes: { axis: "int" }, infer: gather },
  ScatterND: { inputs: [3, 3], attributes: { reduction: "string" }, infer: (context) => [context.input(0)] },
  ScatterElements: {
    inputs: [3, 3],
    attributes: { axis: "int", reduction: "string" },
    infer: (context) => [context.input(0)],
  },
};
