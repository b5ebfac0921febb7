import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { FunctionProgram } from "../../src/engine/engine.js";
import { comparedEngine, cpuEngine, gradientProgram, ramp, relativeError, runFunction } from "./support/compare.js";

/** Shapes of the inputs: "4×5 5 ·" are a matrix, a vector and a scalar. */
type Case = readonly [name: string, f: (...x: tf.Tensor[]) => tf.Tensor, shapes: string];

function parse(shapes: string): number[][] {
  return shapes.split(" ").map((shape) => (shape === "·" ? [] : shape.split("×").map(Number)));
}

const VECTOR = "4×5";
const IMAGES = "2×6×7×3";

/** The library as a table, for operations called by name. */
const unary = tf as unknown as Record<string, unknown>;
const t4 = (x: tf.Tensor) => x as tf.Tensor4D;
const positive = (x: tf.Tensor) => tf.add(tf.abs(x), 0.1);

/** Everything that has a gradient: value and gradient must agree with tfjs on its cpu backend. */
const differentiable: readonly Case[] = [
  ...[
    "abs asin atan ceil cos cosh elu erf exp expm1 floor leakyRelu neg relu relu6 round selu sigmoid sign sin sinh",
    "softplus square tan tanh softmax logSoftmax asinh logSigmoid",
  ]
    .join(" ")
    .split(" ")
    .map((name): Case => [name, (x) => (unary[name] as (x: tf.Tensor) => tf.Tensor)(x), VECTOR]),
  ["acos", (x) => tf.acos(tf.mul(x, 0.9)), VECTOR],
  ["acosh", (x) => tf.acosh(tf.add(positive(x), 1)), VECTOR],
  ["atanh", (x) => tf.atanh(tf.mul(x, 0.9)), VECTOR],
  ["log", (x) => tf.log(positive(x)), VECTOR],
  ["log1p", (x) => tf.log1p(positive(x)), VECTOR],
  ["sqrt", (x) => tf.sqrt(positive(x)), VECTOR],
  ["rsqrt", (x) => tf.rsqrt(positive(x)), VECTOR],
  ["reciprocal", (x) => tf.reciprocal(positive(x)), VECTOR],
  ["step", (x) => tf.mul(x, tf.step(x, 0.3)), VECTOR],
  ["clipByValue", (x) => tf.clipByValue(x, -0.4, 0.6), VECTOR],
  ["prelu", (x, a) => tf.prelu(x, a), "4×5 5"],
  ["add, broadcast", (a, b) => tf.add(a, b), "4×1×5 3×1"],
  ["sub, broadcast", (a, b) => tf.sub(a, b), "4×5 ·"],
  ["mul", (a, b) => tf.mul(a, b), "4×5 5"],
  ["div", (a, b) => tf.div(a, positive(b)), "4×5 4×5"],
  ["div by a scalar", (a, b) => tf.div(a, positive(b)), "4×5 ·"],
  ["pow", (a, b) => tf.pow(positive(a), b), "4×5 4×5"],
  ["maximum", (a, b) => tf.maximum(a, b), "4×5 4×5"],
  ["minimum", (a, b) => tf.minimum(a, b), "4×5 4×5"],
  ["mod", (a, b) => tf.mod(a, positive(b)), "4×5 4×5"],
  ["squaredDifference", (a, b) => tf.squaredDifference(a, b), "4×5 4×5"],
  ["addN", (a, b, c) => tf.addN([a, b, c]), "4×5 4×5 4×5"],
  ["where", (a, b) => tf.where(tf.greater(ramp([4, 5]), 0), a, b), "4×5 4×5"],

  ["sum", (x) => tf.sum(x, 1), "4×5×2"],
  ["sum of all", (x) => tf.sum(x), "4×5×2"],
  ["sum, kept", (x) => tf.sum(x, [0, 2], true), "4×5×2"],
  ["mean", (x) => tf.mean(x, [1, 2]), "4×5×2"],
  ["max", (x) => tf.max(x, 1), "4×5×2"],
  ["min, kept", (x) => tf.min(x, 1, true), "4×5×2"],
  ["cumsum", (x) => tf.cumsum(x, 1, true, true), VECTOR],
  ["logSumExp", (x) => tf.logSumExp(x, 1), VECTOR],
  ["moments", (x) => tf.moments(x, 0).variance, VECTOR],
  [
    "batchNorm",
    (x, m, v, o, s) =>
      tf.batchNorm(x as tf.Tensor2D, m as tf.Tensor1D, positive(v) as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D),
    "4×5 5 5 5 5",
  ],

  ["matMul", (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), "4×5 5×3"],
  ["matMul, both transposed", (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, true, true), "5×4 3×5"],
  ["matMul, stacked", (a, b) => tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D), "2×4×5 2×5×3"],
  [
    "matMul, stacked and transposed",
    (a, b) => tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D, true, true),
    "2×5×4 2×3×5",
  ],

  ["reshape", (x) => tf.mul(tf.reshape(x, [2, 10]), 2), VECTOR],
  ["transpose", (x) => tf.transpose(x, [2, 0, 1]), "4×5×2"],
  ["transpose of ones", (x) => tf.transpose(x, [1, 0, 2]), "1×5×2"],
  ["concat", (a, b) => tf.concat([a, b], 1), "4×5 4×2"],
  ["stack", (a, b) => tf.stack([a, b], 1), "4×5 4×5"],
  ["stack, last axis", (a, b) => tf.stack([a, b], -1), "4×5 4×5"],
  ["unstack", (x) => tf.sub(tf.unstack(x, 1)[0] as tf.Tensor, tf.unstack(x, 1)[2] as tf.Tensor), "4×3×2"],
  ["split", (x) => tf.mul(tf.split(x, [2, 3], 1)[1] as tf.Tensor, 3), VECTOR],
  ["slice", (x) => tf.slice(x, [1, 2], [2, -1]), VECTOR],
  ["reverse", (x) => tf.reverse(x, [0, 1]), VECTOR],
  [
    "pad",
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        7,
      ),
    VECTOR,
  ],
  ["tile", (x) => tf.tile(x, [2, 3]), VECTOR],
  ["broadcastTo", (x) => tf.broadcastTo(x, [3, 4, 5]), "4×1"],
  ["gather", (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32")), "4×5"],
  [
    "gather, second axis",
    (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [2, 0],
            [1, 1],
          ],
          [2, 2],
          "int32",
        ),
        1,
      ),
    "4×5",
  ],
  ["expandDims in front", (x) => tf.mul(tf.expandDims(x, 0), ramp([2, 1, 1])), VECTOR],
  ["expandDims at the end", (x) => tf.mul(tf.expandDims(x, -1), ramp([5, 2])), VECTOR],
  ["expandDims and squeeze", (x) => tf.mul(tf.squeeze(tf.expandDims(x, 1), [1]), 2), VECTOR],

  ["conv2d", (x, w) => tf.conv2d(t4(x), t4(w), 1, "valid"), "2×6×7×3 3×2×3×4"],
  ["conv2d same", (x, w) => tf.conv2d(t4(x), t4(w), 1, "same"), "2×6×7×3 3×4×3×4"],
  ["conv2d, strides", (x, w) => tf.conv2d(t4(x), t4(w), [2, 3], "same"), "2×7×9×3 3×3×3×4"],
  ["conv2d, strides that leave a rest", (x, w) => tf.conv2d(t4(x), t4(w), 3, "valid"), "2×9×10×3 2×3×3×4"],
  ["conv2d 1x1", (x, w) => tf.conv2d(t4(x), t4(w), 1, "valid"), "2×6×7×3 1×1×3×4"],
  ["conv2dTranspose", (x, w) => tf.conv2dTranspose(t4(x), t4(w), [2, 11, 13, 4], 2, "same"), "2×6×7×3 3×3×4×3"],
  ["conv2dTranspose valid", (x, w) => tf.conv2dTranspose(t4(x), t4(w), [2, 13, 15, 4], 2, "valid"), "2×6×7×3 3×3×4×3"],
  ["depthwiseConv2d", (x, w) => tf.depthwiseConv2d(t4(x), t4(w), 1, "same"), "2×6×7×3 3×3×3×2"],
  ["depthwiseConv2d, strides", (x, w) => tf.depthwiseConv2d(t4(x), t4(w), 2, "valid"), "2×6×8×3 3×3×3×1"],
  ["separableConv2d", (x, d, p) => tf.separableConv2d(t4(x), t4(d), t4(p), 1, "valid"), "2×6×7×3 3×3×3×2 1×1×6×4"],
  ["conv1d", (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 2, "same"), "2×7×3 3×3×4"],
  ["maxPool", (x) => tf.maxPool(t4(x), 2, 2, "valid"), IMAGES],
  ["maxPool same", (x) => tf.maxPool(t4(x), 2, 2, "same"), IMAGES],
  ["maxPool, overlapping", (x) => tf.maxPool(t4(x), 3, 2, "same"), IMAGES],
  ["maxPool, gaps", (x) => tf.maxPool(t4(x), [1, 2], [2, 3], "valid"), IMAGES],
  ["avgPool", (x) => tf.avgPool(t4(x), 2, 2, "valid"), IMAGES],
  ["avgPool, overlapping", (x) => tf.avgPool(t4(x), 3, 1, "valid"), IMAGES],
  ["resizeNearestNeighbor", (x) => tf.image.resizeNearestNeighbor(t4(x), [12, 21]), "1×6×7×3"],
  ["resizeNearestNeighbor, odd factor", (x) => tf.image.resizeNearestNeighbor(t4(x), [9, 5]), "1×6×7×3"],
  ["resizeNearestNeighbor, corners", (x) => tf.image.resizeNearestNeighbor(t4(x), [9, 5], true), "1×6×7×3"],
  ["resizeBilinear", (x) => tf.image.resizeBilinear(t4(x), [12, 13]), "2×6×6×3"],
  ["resizeBilinear, corners", (x) => tf.image.resizeBilinear(t4(x), [9, 5], true), "2×6×6×3"],
];

/** What has no gradient, or is asked for without one: comparisons, arg-reductions, fused forms, odd slices. */
const plain: readonly Case[] = [
  ["prod", (x) => tf.prod(tf.add(x, 2), 1), "4×3"],
  ["matMul, right side shared", (a, b) => tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D), "2×4×5 1×5×3"],
  ["matMul, left side shared", (a, b) => tf.matMul(a as tf.Tensor3D, b as tf.Tensor3D), "1×4×5 2×5×3"],
  ["where by comparison", (a, b) => tf.where(tf.greater(a, b), a, b), "4×5 4×5"],
  ["equal", (a, b) => tf.equal(tf.round(a), tf.round(b)), "4×5 4×5"],
  ["notEqual", (a, b) => tf.notEqual(tf.round(a), tf.round(b)), "4×5 4×5"],
  ["greater", (a, b) => tf.greater(a, b), "4×5 4×5"],
  ["greaterEqual", (a, b) => tf.greaterEqual(a, b), "4×5 4×5"],
  ["less", (a, b) => tf.less(a, b), "4×5 4×5"],
  ["lessEqual", (a, b) => tf.lessEqual(a, b), "4×5 4×5"],
  [
    "logical",
    (a, b) => {
      const [p, q] = [tf.greater(a, 0), tf.greater(b, 0)];
      return tf.logicalOr(tf.logicalAnd(p, q), tf.logicalNot(tf.logicalOr(p, q)));
    },
    "4×5 4×5",
  ],
  [
    "all and any",
    (x) => tf.concat([tf.all(tf.greater(x, -0.8), 1), tf.any(tf.greater(x, 0.8), 1)].map((y) => tf.cast(y, "float32"))),
    VECTOR,
  ],
  [
    "isNaN, isInf, isFinite",
    (x) => tf.logicalOr(tf.isNaN(tf.log(x)), tf.logicalAnd(tf.isInf(x), tf.isFinite(x))),
    VECTOR,
  ],
  ["argMax", (x) => tf.argMax(x, 1), VECTOR],
  ["argMin", (x) => tf.argMin(x, 0), VECTOR],
  ["oneHot of a position", (x) => tf.oneHot(tf.cast(tf.argMax(x, 1), "int32"), 5), VECTOR],
  ["oneHot outside", (x) => tf.oneHot(tf.cast(tf.mul(x, 9), "int32"), 4, 2, -1), "6"],
  ["cast to int32", (x) => tf.add(tf.cast(tf.mul(x, 10), "int32"), tf.cast(tf.greater(x, 0), "int32")), VECTOR],
  ["floorDiv", (a, b) => tf.floorDiv(tf.mul(a, 9), positive(b)), "4×5 4×5"],
  ["stridedSlice", (x) => tf.stridedSlice(x, [3, 0], [0, 5], [-1, 2]), VECTOR],
  [
    "mirrorPad",
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 1],
        ],
        "reflect",
      ),
    VECTOR,
  ],
  ["atrous conv2d", (x, w) => tf.conv2d(t4(x), t4(w), 1, "same", "NHWC", 2), "2×6×7×3 3×3×3×4"],
  ["atrous depthwiseConv2d", (x, w) => tf.depthwiseConv2d(t4(x), t4(w), 1, "valid", "NHWC", 2), "2×6×7×3 2×2×3×2"],
  ["avgPool same", (x) => tf.avgPool(t4(x), 3, 2, "same"), IMAGES],
  ["resizeNearestNeighbor, half pixels", (x) => tf.image.resizeNearestNeighbor(t4(x), [9, 5], false, true), IMAGES],
  ["resizeBilinear, half pixels", (x) => tf.image.resizeBilinear(t4(x), [9, 5], false, true), IMAGES],
  ["resizeBilinear to one row, corners", (x) => tf.image.resizeBilinear(t4(x), [1, 5], true), IMAGES],
  ...(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const).flatMap((activation): Case[] => [
    [
      `fused matMul ${activation}`,
      (a, b, bias, alpha) =>
        tf.fused.matMul({
          a: a as tf.Tensor2D,
          b: b as tf.Tensor2D,
          bias: bias,
          activation,
          preluActivationWeights: activation === "prelu" ? alpha : undefined,
          leakyreluAlpha: activation === "leakyrelu" ? 0.3 : undefined,
        } as Parameters<typeof tf.fused.matMul>[0]),
      "4×5 5×3 3 3",
    ],
    [
      `fused conv2d ${activation}`,
      (x, w, bias, alpha) =>
        tf.fused.conv2d({
          x: t4(x),
          filter: t4(w),
          strides: 1,
          pad: "same",
          bias: bias,
          activation,
          preluActivationWeights: activation === "prelu" ? alpha : undefined,
          leakyreluAlpha: activation === "leakyrelu" ? 0.3 : undefined,
        } as Parameters<typeof tf.fused.conv2d>[0]),
      "2×6×7×3 3×3×3×4 4 4",
    ],
  ]),
  [
    "fused depthwiseConv2d",
    (x, w, bias) =>
      tf.fused.depthwiseConv2d({
        x: t4(x),
        filter: t4(w),
        strides: 1,
        pad: "same",
        bias: bias,
        activation: "relu",
      }),
    "2×6×7×3 3×3×3×2 6",
  ],
];

/** Where a sum of many products is compared, more than rounding of one operation is at stake. */
const TOLERANCE = 2e-6;

async function difference(program: FunctionProgram): Promise<number> {
  return relativeError(
    await runFunction(await comparedEngine(), program),
    await runFunction(await cpuEngine(), program),
  );
}

describe("kernels and their gradients agree with the cpu backend", () => {
  it.each(differentiable)("%s", async (_name, f, shapes) => {
    expect(await difference(gradientProgram(f, parse(shapes)))).toBeLessThan(TOLERANCE);
  });
});

describe("kernels agree with the cpu backend", () => {
  it.each(plain)("%s", async (_name, f, shapes) => {
    const program: FunctionProgram = {
      ...gradientProgram(f, parse(shapes)),
      outputs: (inputs) => ({ value: f(...parse(shapes).map((_, i) => inputs[`x${i}`] as tf.Tensor)) }),
    };
    expect(await difference(program)).toBeLessThan(TOLERANCE);
  });
});
