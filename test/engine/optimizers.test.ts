import { readdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useBackend } from "../../src/engine/eager/backend.js";
import { optimizerProgram } from "../../src/engine/optimizer-program.js";
import { namedVariable } from "../../src/engine/variables.js";
import type { Optimizer, OptimizerKind } from "../../src/gen/optimizers.js";
import type { TrainStage } from "../../src/gen/stages.js";
import { engineUnderTest } from "../rig/tensorflow.js";
import { complete } from "./support.js";

const START = [0.5, -1.5, 2];
const STEPS = 5;
const RATE = 0.05;

beforeAll(() => useBackend(engineUnderTest("cpu")));

/** Gradients of Σ k·w² at w: different from weight to weight and step to step. */
function gradientAt(w: readonly number[]): number[] {
  return w.map((value, i) => 2 * (i + 1) * value);
}

/** The weights after each of a few steps. */
function descend(kind: OptimizerKind, given: object = {}, clip?: TrainStage["clip"], scale = 1): number[][] {
  const program = optimizerProgram(
    { [kind]: complete("optimizers", kind, { ...given }) } as unknown as Optimizer,
    clip,
  );
  const slots = new Map<string, tf.Variable>();
  const w = namedVariable("w", tf.tensor1d(START), true);
  const path: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const gradient = tf.tensor1d(gradientAt([...w.dataSync()]).map((g) => scale * g));
    const before = tf.memory().numTensors;
    const known = slots.size;
    program.apply({ w: gradient }, { w }, tf.scalar(RATE), (name, initial) => {
      const slot = slots.get(name) ?? namedVariable(name, initial(), false);
      slots.set(name, slot);
      return slot;
    });
    // The learning rate's tensor is the test's own.
    expect(tf.memory().numTensors - before - 1).toBe(slots.size - known);
    path.push([...w.dataSync()]);
  }
  return path;
}

/** The same with an optimizer of the library. */
function reference(optimizer: tf.Optimizer): number[][] {
  const w = tf.variable(tf.tensor1d(START), true);
  const path: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    optimizer.applyGradients({ [w.name]: tf.tensor1d(gradientAt([...w.dataSync()])) });
    path.push([...w.dataSync()]);
  }
  w.dispose();
  return path;
}

function expectClose(actual: number[][], expected: number[][]): void {
  for (const [i, value] of actual.flat().entries()) expect(value).toBeCloseTo(expected.flat()[i] as number, 5);
}

const cases: readonly [string, OptimizerKind, object, () => tf.Optimizer][] = [
  ["sgd", "sgd", {}, () => tf.train.sgd(RATE)],
  ["sgd with momentum", "sgd", { momentum: 0.8 }, () => tf.train.momentum(RATE, 0.8)],
  ["sgd with Nesterov's momentum", "sgd", { momentum: 0.8, nesterov: true }, () => tf.train.momentum(RATE, 0.8, true)],
  ["adam", "adam", {}, () => tf.train.adam(RATE, 0.9, 0.999, 1e-7)],
  ["adamax", "adamax", {}, () => tf.train.adamax(RATE, 0.9, 0.999, 1e-7)],
  ["rmsprop", "rmsprop", {}, () => tf.train.rmsprop(RATE, 0.9, 0, 1e-7)],
  ["rmsprop with momentum", "rmsprop", { momentum: 0.5 }, () => tf.train.rmsprop(RATE, 0.9, 0.5, 1e-7)],
  ["adagrad", "adagrad", {}, () => tf.train.adagrad(RATE, 0.1)],
];

describe("against the library's own, at a constant rate", () => {
  it.each(cases)("%s", (_, kind, params, library) => expectClose(descend(kind, params), reference(library())));
});

it("has a test for every kind", () => {
  const kinds = readdirSync(new URL("../../src/engine/optimizers", import.meta.url)).map((name) => name.slice(0, -3));
  expect([...new Set([...cases.map(([, kind]) => kind), "adadelta", "adamw"])].sort()).toEqual(kinds.sort());
});

/** Weights after each step of a rule for one weight that keeps what it likes in `m` and `v`. */
function byHand(rule: (g: number, t: number, slots: { m: number; v: number }, w: number) => number): number[][] {
  const slots = START.map(() => ({ m: 0, v: 0 }));
  let w = START;
  return Array.from({ length: STEPS }, (_, t) => {
    const gradient = gradientAt(w);
    w = w.map(
      (value, i) => value - RATE * rule(gradient[i] as number, t + 1, slots[i] as { m: number; v: number }, value),
    );
    return w;
  });
}

// The library's Adadelta divides by the mean before this step's gradient, and its centred RMSProp takes epsilon off
// instead of adding it.
describe("against the papers' formulas", () => {
  it("adadelta", () => {
    const expected = byHand((g, _, slots) => {
      slots.m = 0.95 * slots.m + 0.05 * g * g;
      const step = (Math.sqrt(slots.v + 1e-7) / Math.sqrt(slots.m + 1e-7)) * g;
      slots.v = 0.95 * slots.v + 0.05 * step * step;
      return step;
    });
    expectClose(descend("adadelta"), expected);
  });

  it("rmsprop, centred", () => {
    const expected = byHand((g, _, slots) => {
      slots.m = 0.9 * slots.m + 0.1 * g;
      slots.v = 0.9 * slots.v + 0.1 * g * g;
      return g / Math.sqrt(slots.v - slots.m ** 2 + 1e-3);
    });
    expectClose(descend("rmsprop", { centered: true, epsilon: 1e-3 }), expected);
  });

  it("adamw takes its share off beside Adam's step", () => {
    const expected = byHand((g, t, slots, w) => {
      slots.m = 0.9 * slots.m + 0.1 * g;
      slots.v = 0.999 * slots.v + 0.001 * g * g;
      return slots.m / (1 - 0.9 ** t) / (Math.sqrt(slots.v / (1 - 0.999 ** t)) + 1e-7) + 0.1 * w;
    });
    expectClose(descend("adamw", { weightDecay: 0.1 }), expected);
  });
});

describe("clipping", () => {
  const norm = Math.hypot(...gradientAt(START));

  it("shortens gradients that are too long together, and leaves shorter ones alone", () => {
    expectClose(
      [descend("sgd", {}, { norm: norm / 2 })[0] as number[]],
      [descend("sgd", {}, undefined, 0.5)[0] as number[]],
    );
    expectClose([descend("sgd", {}, { norm: norm * 2 })[0] as number[]], [descend("sgd")[0] as number[]]);
  });

  it("cuts every element", () => {
    const expected = START.map((w, i) => w - RATE * Math.max(-2, Math.min(2, gradientAt(START)[i] as number)));
    expectClose([descend("sgd", {}, { value: 2 })[0] as number[]], [expected]);
  });
});
