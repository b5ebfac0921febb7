import { type InferContext, type OpTable, typed } from "./types.js";

const SLIDING = { strides: "ints", dilations: "ints", pads: "ints", depthwise: "int" } as const;
const POOLING = { kernel: "ints", strides: "ints", pads: "ints" } as const;

/**
 * Operators of our own, in the layout of tfjs: images [batch, height, width, channel], filters [height, width, in,
 * out] or, depthwise, [height, width, in, multiplier]. They say what is computed and leave open how: rewrites choose a
 * form that suits the machine, and `lower` turns what is left into ONNX's own operators. None reaches a model file.
 */
export const imageOps: OpTable = {
  /** Images and filter to the convolution of both. */
  "image.Conv": {
    inputs: [2, 2],
    attributes: SLIDING,
    infer: (context) => typed("float32", convolved(context, image(context, 1))),
  },
  /** Images and the result's gradient to the filter's. */
  "image.ConvFilterGrad": {
    inputs: [2, 2],
    attributes: { ...SLIDING, filter: "ints" },
    infer: (context) => {
      const filter = (context.ints("filter") ?? context.fail("no filter shape")) as Shape4D;
      const expected = convolved(context, filter);
      if (expected.join() !== image(context, 1).join()) context.fail(`gradient is not of shape [${expected}]`);
      return typed("float32", filter);
    },
  },
  /** The result's gradient and the filter to the images' gradient; also what a transposed convolution computes. */
  "image.ConvInputGrad": {
    inputs: [2, 2],
    attributes: { ...SLIDING, input: "ints" },
    infer: (context) => typed("float32", context.ints("input") ?? context.fail("no input shape")),
  },
  "image.MaxPool": {
    inputs: [1, 1],
    attributes: POOLING,
    infer: (context) => {
      const [batch, , , channels] = image(context, 0);
      const kernel = context.ints("kernel") ?? context.fail("no kernel");
      return typed("float32", [batch, ...slide(context, kernel), channels]);
    },
  },
  /** The gradient of the pooled images and the images before pooling, to their gradient: to the first maximum. */
  "image.MaxPoolGrad": {
    inputs: [2, 2],
    attributes: POOLING,
    infer: (context) => [context.input(1)],
  },
};

type Shape4D = readonly [number, number, number, number];

function image(context: InferContext, index: number): Shape4D {
  const { shape } = context.input(index);
  return shape.length === 4 ? (shape as unknown as Shape4D) : context.fail(`input ${index} has rank ${shape.length}`);
}

/** The shape of the first input convolved with a filter. */
function convolved(context: InferContext, filter: Shape4D): readonly number[] {
  const [batch, , , channels] = image(context, 0);
  const [height, width, depth, last] = filter;
  if (channels !== depth) context.fail(`${channels} channels, filter for ${depth}`);
  return [batch, ...slide(context, [height, width]), context.int("depthwise", 0) ? depth * last : last];
}

/** Height and width of the result of a window sliding over the first input. */
function slide(context: InferContext, kernel: readonly number[]): readonly number[] {
  const [, ...sizes] = image(context, 0);
  const strides = context.ints("strides") ?? context.fail("no strides");
  const dilations = context.ints("dilations") ?? [1, 1];
  const pads = context.ints("pads") ?? context.fail("no pads");
  return [0, 1].map((axis) => {
    const reach = ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    const padded = (sizes[axis] as number) + (pads[axis] as number) + (pads[axis + 2] as number);
    if (padded < reach) context.fail(`window ${reach} over ${padded} places`);
    return Math.floor((padded - reach) / (strides[axis] as number)) + 1;
  });
}
