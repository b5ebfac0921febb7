import { type InferContext, type OpSpec, type OpTable, typed } from "./types.js";

const WINDOW = { kernel_shape: "ints", strides: "ints", pads: "ints", dilations: "ints" } as const;

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before every spatial axis, then after every one. */
  readonly pads: readonly number[];
}

function windowOf(context: InferContext, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: context.ints("strides") ?? ones,
    dilations: context.ints("dilations") ?? ones,
    pads: context.ints("pads") ?? [...kernel, ...kernel].fill(0),
  };
}

function slide(context: InferContext, sizes: readonly number[], w: Window): readonly number[] {
  return sizes.map((size, i) => {
    const reach = ((w.kernel[i] as number) - 1) * (w.dilations[i] as number) + 1;
    const padded = size + (w.pads[i] as number) + (w.pads[i + sizes.length] as number);
    if (padded < reach) context.fail(`window ${reach} over ${padded} places`);
    return Math.floor((padded - reach) / (w.strides[i] as number)) + 1;
  });
}

function inferConv(context: InferContext) {
  const [batch, channels, ...sizes] = context.input(0).shape as [number, number, ...number[]];
  const [filters, perGroup, ...kernel] = context.input(1).shape as [number, number, ...number[]];
  const group = context.int("group", 1);
  if (channels !== perGroup * group) context.fail(`${channels} channels, filter for ${perGroup} × ${group}`);
  return typed("float32", [batch, filters, ...slide(context, sizes, windowOf(context, kernel))]);
}

const conv: OpSpec = { inputs: [2, 3], attributes: { ...WINDOW, group: "int" }, infer: inferConv };

const pool: OpSpec["infer"] = (context) => {
  const [batch, channels, ...sizes] = context.input(0).shape as [number, number, ...number[]];
  const kernel = context.ints("kernel_shape") ?? context.fail("no kernel_shape");
  return typed("float32", [batch, channels, ...slide(context, sizes, windowOf(context, kernel))]);
};

export const convOps: OpTable = {
  Conv: conv,
  ConvTranspose: {
    inputs: [2, 3],
    attributes: { ...WINDOW, group: "int", output_padding: "ints" },
    infer: (context) => {
      const [batch, channels, ...sizes] = context.input(0).shape as [number, number, ...number[]];
      const [depth, perGroup, ...kernel] = context.input(1).shape as [number, number, ...number[]];
      if (channels !== depth) context.fail(`${channels} channels, filter for ${depth}`);
      const w = windowOf(context, kernel);
      const extra = context.ints("output_padding") ?? kernel.map(() => 0);
      const result = sizes.map((size, i) => {
        const reach = ((w.kernel[i] as number) - 1) * (w.dilations[i] as number) + 1;
        const pads = (w.pads[i] as number) + (w.pads[i + sizes.length] as number);
        return (size - 1) * (w.strides[i] as number) + (extra[i] as number) + reach - pads;
      });
      return typed("float32", [batch, perGroup * context.int("group", 1), ...result]);
    },
  },
  MaxPool: {
    inputs: [1, 1],
    attributes: { ...WINDOW, storage_order: "int", outputs: "int" },
    infer: pool,
  },
  /** MaxPool asked for its second output, the flat index of every maximum: a name of ours, emitted as MaxPool. */
  MaxPoolIndices: {
    inputs: [1, 1],
    attributes: WINDOW,
    infer: (context) => {
      const values = pool(context);
      return [...values, ...typed("int64", values[0]?.shape ?? [])];
    },
  },
  MaxUnpool: {
    inputs: [3, 3],
    attributes: { kernel_shape: "ints", strides: "ints", pads: "ints" },
    infer: (context) => typed("float32", context.constant(2)),
  },
  AveragePool: {
    inputs: [1, 1],
    attributes: { ...WINDOW, count_include_pad: "int" },
    infer: pool,
  },
};
