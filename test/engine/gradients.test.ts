import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { useBackend } from "../../src/engine/eager/backend.js";
import { sequentialProgram } from "../onnx/support/models.js";
import { engineOf, unwrap } from "./support.js";

const STILL = { units: 2, kernelInitializer: "zeros", biasInitializer: { constant: { value: 0.5 } } };

/** The state after each of three steps on inputs of 1 and targets of ½. */
async function steps(
  engine: string,
  dense: object,
  loss: string,
): Promise<readonly Readonly<Record<string, Float32Array>>[]> {
  const make = await sequentialProgram([{ dense: { ...STILL, ...dense } }], [3], { loss });
  const compiled = unwrap(await (await engineOf(engine)).compileTraining(make()));
  const states = [];
  for (let i = 0; i < 3; i++) {
    unwrap(
      await compiled.run(
        2,
        1,
        { x: new Float32Array(6).fill(1), y: new Float32Array(4).fill(0.5) },
        Float32Array.of(0.1),
      ),
    );
    states.push(await compiled.readState());
  }
  compiled.dispose();
  return states;
}

// Where the error is 0, and where a weight is, |x| pushes neither way.
it.each(["onnx", "cpu", "wasm"])("%s leaves alone what is exactly right", async (engine) => {
  for (const loss of ["mean-absolute-error", "huber", "log-cosh", "mean-squared-error"]) {
    for (const state of await steps(engine, { kernelRegularizer: { l1: 0.5, l2: 0.5 } }, loss)) {
      expect(state["model/dense/kernel"], loss).toEqual(new Float32Array(6));
      expect(state["model/dense/bias"], loss).toEqual(new Float32Array(2).fill(0.5));
    }
  }
});

it.each(["cpu", "wasm"] as const)(
  "%s gives the gradient of an extreme to the first of equals, over any axes",
  async (name) => {
    await useBackend(name);
    const x = tf.tensor3d([1, 3, 3, 2, 3, 0, 0, 1, 0, 2, 3, 3], [2, 3, 2]);
    const gradient = (f: (x: tf.Tensor) => tf.Tensor) => [
      ...tf
        .grad((t) => tf.sum(f(t)))(x)
        .dataSync(),
    ];
    expect(gradient((t) => tf.max(t, 1))).toEqual([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(gradient((t) => tf.max(t, [0, 2], true))).toEqual([0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(gradient((t) => tf.max(t))).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(gradient((t) => tf.min(t, -1))).toEqual([1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0]);
    expect(gradient((t) => tf.mul(tf.max(t, [1, 2]), tf.tensor1d([2, 5])))).toEqual([
      0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0,
    ]);
  },
);

it.each(["cpu", "wasm"] as const)("%s sums the gradient of what was repeated, in any rank", async (name) => {
  await useBackend(name);
  const gradient = (shape: number[], reps: number[]) => {
    const repeated = shape.map((n, i) => n * (reps[i] as number));
    const weights = tf.reshape(
      tf.range(
        0,
        repeated.reduce((a, b) => a * b),
      ),
      repeated,
    );
    return [
      ...tf
        .grad((t) => tf.sum(tf.mul(tf.tile(t, reps), weights)))(tf.zeros(shape))
        .dataSync(),
    ];
  };
  // numpy: w = arange(…).reshape(shape·reps), then its blocks of `shape` added.
  expect(gradient([2], [3])).toEqual([6, 9]);
  expect(gradient([2, 2], [1, 2])).toEqual([2, 4, 10, 12]);
  expect(gradient([2, 1], [2, 3])).toEqual([24, 42]);
  expect(gradient([1, 1, 2], [2, 3, 1])).toEqual([30, 36]);
  expect(gradient([2, 1, 2], [1, 2, 2])).toEqual([12, 16, 44, 48]);
  expect(gradient([1, 2, 1, 2, 1], [2, 1, 2, 1, 2])).toEqual([84, 100, 148, 164]);
  expect(gradient([2, 2], [1, 1])).toEqual([0, 1, 2, 3]);
});
