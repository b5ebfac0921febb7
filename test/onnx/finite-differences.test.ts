import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { comparedEngine, gradientProgram, hostData, ramp, runFunction } from "./support/compare.js";

type Case = readonly [name: string, f: (x: tf.Tensor) => tf.Tensor, shape: readonly number[]];

/**
 * Gradients that tfjs's cpu backend gets wrong, so that it cannot be the reference: enlarging images in batches of
 * more than one (it mixes up the batch), bilinear resizing of images that are not square (it exchanges height and
 * width), and the mean over windows that hang over the border (it divides by the whole window).
 */
const cases: readonly Case[] = [
  ["resizeNearestNeighbor of a batch", (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [6, 4]), [3, 3, 2, 2]],
  [
    "resizeNearestNeighbor by an odd factor",
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 3]),
    [3, 3, 2, 2],
  ],
  ["resizeBilinear of oblong images", (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [6, 5]), [2, 4, 3, 2]],
  ["avgPool same", (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same"), [2, 5, 4, 2]],
  ["avgPool same, stride 1", (x) => tf.avgPool(x as tf.Tensor4D, 2, 1, "same"), [2, 4, 3, 1]],
];

const STEP = 1 / 64;

describe("gradients agree with finite differences", () => {
  it.each(cases)("%s", async (_name, f, shape) => {
    const engine = await comparedEngine();
    const program = gradientProgram((x) => f(x as tf.Tensor), [shape]);
    const x0 = hostData({ name: "x0", shape, dtype: "float32" }, 1, 3) as Float32Array;
    const { value, gradient0 } = await runFunction(engine, program, { x0 });
    const weights = ramp([(value as Float32Array).length]).dataSync();
    const total = async (x: Float32Array) => {
      const { value } = await runFunction(engine, program, { x0: x });
      return (value as Float32Array).reduce((sum, v, i) => sum + v * (weights[i] as number), 0);
    };
    for (let i = 0; i < x0.length; i += 3) {
      const up = await total(x0.with(i, (x0[i] as number) + STEP));
      const down = await total(x0.with(i, (x0[i] as number) - STEP));
      // These functions are linear, so only rounding stands between the two.
      expect((up - down) / (2 * STEP)).toBeCloseTo(gradient0?.[i] as number, 4);
    }
  });
});
