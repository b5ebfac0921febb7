import { expect, it } from "vitest";
import { floatValues, tensorOf } from "../../src/artifact/tensor.js";
import type { Weights } from "../../src/artifact/types.js";
import { exportModel } from "../../src/engine/export/index.js";
import { openModel } from "../../src/engine/index.js";
import * as ort from "../../src/engine/onnx/runtime.js";
import type { FamilyModel } from "../engine/families.js";
import { engineOf, layer, modelOf, unwrap } from "../engine/support.js";
import { predicted } from "./support.js";

/** Means of 2×2 pixels, enlarged again: the first row of what PyTorch's `interpolate` gives, and the squared error. */
const build: FamilyModel = {
  family: "autoencoder",
  encoder: [layer("average_pooling2d", { poolSize: 2 })],
  decoder: [
    layer("conv2d", { filters: 1, kernelSize: 1 }),
    layer("up_sampling2d", { size: 2, interpolation: "bilinear" }),
  ],
};
const ROW = [1, 1.25, 1.75, 2.25, 2.75, 3];
const BLOCKS = [0, 0, 3, 3, 6, 6].flatMap((start) => [1, 1, 2, 2, 3, 3].map((value) => start + value));

it("enlarges between the centres of pixels, on every engine and in every file", async () => {
  const model = await modelOf(build, [6, 6, 1]);
  const weights: Weights = {
    tensors: [
      { name: "decoder/conv2d/kernel", tensor: tensorOf("float32", [1, 1, 1, 1], Float32Array.of(1)) },
      { name: "decoder/conv2d/bias", tensor: tensorOf("float32", [1], Float32Array.of(0)) },
    ],
    epoch: 1,
    loss: {},
  };
  const x = Float32Array.from(BLOCKS);
  const results: ArrayLike<number>[] = [];
  for (const name of ["onnx", "cpu", "wasm"]) {
    const runner = unwrap(await openModel(await engineOf(name), model, weights));
    const output = unwrap(await runner.predict(tensorOf("float32", [1, 6, 6, 1], x)));
    results.push(floatValues(output));
  }
  const [, , onnx] = unwrap(await exportModel({ model, weights }, "onnx"));
  const session = await ort.InferenceSession.create(onnx?.content as Uint8Array, { logSeverityLevel: 3 });
  const { reconstruction } = await session.run({ x: new ort.Tensor("float32", x, [1, 6, 6, 1]) });
  results.push(reconstruction?.data as Float32Array);
  const files = unwrap(await exportModel({ model, weights }, "tfjs"));
  results.push((await predicted(files, "model", [1, 6, 6, 1], x))[0] as Float32Array);

  expect(results).toHaveLength(5);
  for (const result of results) {
    ROW.forEach((value, i) => {
      expect(result[i]).toBeCloseTo(value, 5);
    });
    const error = BLOCKS.reduce((sum, value, i) => sum + (value - (result[i] as number)) ** 2, 0);
    expect(error).toBeCloseTo(15, 4);
  }
});
