import { readdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OutputActivation } from "../../src/engine/classification.js";
import { useBackend } from "../../src/engine/eager/backend.js";
import { perItemLoss } from "../../src/engine/item-loss.js";
import { expBeyondLine, log1p, logCosh } from "../../src/engine/stable.js";
import type { Loss, LossKind } from "../../src/gen/losses.js";
import { engineUnderTest } from "../rig/tensorflow.js";
import { complete } from "./support.js";

beforeAll(() => useBackend(engineUnderTest("cpu")));

const LOGITS = [
  [0.3, -1.2, 2.5],
  [-0.7, 0.1, 0.4],
];
const TARGET = [
  [1, 0, 0.25],
  [0, 0.5, 1],
];
const CLASSES = [
  [0, 0, 1],
  [1, 0, 0],
];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const bce = (l: number, t: number) => -(t * Math.log(sigmoid(l)) + (1 - t) * Math.log(1 - sigmoid(l)));
const softmax = (row: number[]) => row.map((x) => Math.exp(x) / row.reduce((sum, y) => sum + Math.exp(y), 0));
const sumOf = (f: (x: number, t: number) => number) => (row: number[], target: number[]) =>
  row.reduce((sum, x, i) => sum + f(x, target[i] as number), 0);
const meanOf = (f: (x: number, t: number) => number) => (row: number[], target: number[]) => sumOf(f)(row, target) / 3;
const huber = (x: number, t: number) => (Math.abs(x - t) <= 0.5 ? (x - t) ** 2 / 2 : 0.5 * (Math.abs(x - t) - 0.25));
const smooth = (t: number) => t * 0.7 + 0.3 / 3;

type Case = readonly [
  name: string,
  kind: LossKind,
  params: object,
  activation: OutputActivation,
  target: number[][],
  expected: (row: number[], target: number[]) => number,
];

const cases: readonly Case[] = [
  ["binary crossentropy on logits", "binary-crossentropy", {}, "sigmoid", TARGET, meanOf(bce)],
  [
    "binary crossentropy on probabilities",
    "binary-crossentropy",
    {},
    "softmax",
    TARGET,
    (row, target) =>
      -softmax(row).reduce(
        (sum, p, i) => sum + (target[i] as number) * Math.log(p) + (1 - (target[i] as number)) * Math.log(1 - p),
        0,
      ) / 3,
  ],
  [
    "categorical crossentropy on logits",
    "categorical-crossentropy",
    { labelSmoothing: 0 },
    "softmax",
    CLASSES,
    (row, target) => -softmax(row).reduce((sum, p, i) => sum + (target[i] as number) * Math.log(p), 0),
  ],
  [
    "categorical crossentropy with smoothing",
    "categorical-crossentropy",
    { labelSmoothing: 0.3 },
    "softmax",
    CLASSES,
    (row, target) => -softmax(row).reduce((sum, p, i) => sum + smooth(target[i] as number) * Math.log(p), 0),
  ],
  [
    "categorical crossentropy on probabilities",
    "categorical-crossentropy",
    { labelSmoothing: 0 },
    "sigmoid",
    CLASSES,
    (row, target) => -row.reduce((sum, x, i) => sum + (target[i] as number) * Math.log(sigmoid(x)), 0),
  ],
  ["squared error", "mean-squared-error", {}, "none", TARGET, meanOf((x, t) => (x - t) ** 2)],
  [
    "squared error after a sigmoid",
    "mean-squared-error",
    {},
    "sigmoid",
    TARGET,
    meanOf((x, t) => (sigmoid(x) - t) ** 2),
  ],
  ["absolute error", "mean-absolute-error", {}, "none", TARGET, meanOf((x, t) => Math.abs(x - t))],
  ["Huber's loss", "huber", { delta: 0.5 }, "none", TARGET, meanOf(huber)],
  ["log-cosh", "log-cosh", {}, "none", TARGET, meanOf((x, t) => Math.log(Math.cosh(x - t)))],
];

it("has a test for every kind", () => {
  const kinds = readdirSync(new URL("../../src/engine/losses", import.meta.url)).map((name) => name.slice(0, -3));
  expect([...new Set(cases.map(([, kind]) => kind))].sort()).toEqual(kinds.sort());
});

describe.each(cases)("%s", (_, kind, params, activation, target, expected) => {
  const loss = { [kind]: complete("losses", kind, { ...params }) } as unknown as Loss;
  const of = (logits: tf.Tensor, exact: boolean) =>
    perItemLoss(loss, { logits: logits as tf.Tensor2D, activation }, tf.tensor2d(target), { reduction: "mean", exact });

  it.each([true, false])("is its formula, item by item (exact: %s)", (exact) => {
    const values = of(tf.tensor2d(LOGITS), exact).dataSync();
    for (const [i, row] of LOGITS.entries()) expect(values[i]).toBeCloseTo(expected(row, target[i] as number[]), 5);
  });

  it.each([true, false])("has the gradient of finite differences (exact: %s)", (exact) => {
    const weights = tf.tensor1d([1, -2]);
    const total = (x: tf.Tensor) => tf.sum(tf.mul(of(x, exact), weights));
    const gradient = tf.grad(total)(tf.tensor2d(LOGITS)).dataSync();
    LOGITS.flat().forEach((_, i) => {
      const moved = (by: number) => {
        const rows = LOGITS.map((row) => [...row]);
        const row = rows[Math.floor(i / 3)] as number[];
        row[i % 3] = (row[i % 3] as number) + by;
        return rows.reduce((sum, one, r) => sum + (r === 0 ? 1 : -2) * expected(one, target[r] as number[]), 0);
      };
      expect(gradient[i]).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 4);
    });
  });
});

it.each([
  [{ "mean-squared-error": {} }, "none"],
  [{ "binary-crossentropy": {} }, "sigmoid"],
  [{ "binary-crossentropy": {} }, "softmax"],
] as const)("sums over an item's elements when reconstructing: %j after %s", (loss, activation) => {
  const output = { logits: tf.tensor2d(LOGITS), activation };
  const [mean, sum] = (["mean", "sum"] as const).map(
    (reduction) => perItemLoss(loss, output, tf.tensor2d(TARGET), { reduction, exact: true }).dataSync()[0],
  );
  expect(sum).toBeCloseTo(3 * (mean as number), 5);
});

it("stays finite for logits of any size", () => {
  const logits = tf.tensor2d([[500, -500, 0]]);
  const of = (x: tf.Tensor) =>
    tf.sum(
      perItemLoss(
        { "binary-crossentropy": {} },
        { logits: x as tf.Tensor2D, activation: "sigmoid" },
        tf.tensor2d([[0, 1, 1]]),
        { reduction: "sum", exact: true },
      ),
    );
  expect(of(logits).dataSync()[0]).toBeCloseTo(1000 + Math.LN2, 2);
  expect([...tf.grad(of)(logits).dataSync()]).toEqual([1, -1, -0.5]);
});

/** ln(1 + x) for float64, exact near 0 too. */
const bend = (l: number) => Math.log1p(Math.exp(-Math.abs(l)));
const exactBce = (l: number, t: number) => Math.max(l, 0) - l * t + bend(l);
const exactLogCosh = (e: number) =>
  Math.abs(e) < 1e-4 ? e ** 2 / 2 : Math.abs(e) - Math.LN2 + Math.log1p(Math.exp(-2 * Math.abs(e)));

/** From where nothing is left of a float32 to where it ends: [logit or value, target, the loss in float64]. */
const alone: readonly (readonly [string, Loss, OutputActivation, readonly (readonly [number, number, number])[]])[] = [
  [
    "binary crossentropy",
    { "binary-crossentropy": {} },
    "sigmoid",
    [1e-6, 5, 10, 15, 20, 50, 80].flatMap((l) => [
      [l, 1, exactBce(l, 1)],
      [-l, 0, exactBce(-l, 0)],
      [l, 0, exactBce(l, 0)],
      [l, 0.25, exactBce(l, 0.25)],
    ]),
  ],
  [
    "log-cosh",
    { "log-cosh": {} },
    "none",
    [1e-15, 1e-6, 1e-4, 0.003, 0.02, 0.1, 0.5, 1, 3, 7.9, 8, 8.1, 30, 100, 1e4, 1e30].flatMap((e) => [
      [e, 0, exactLogCosh(e)],
      [-e, 0, exactLogCosh(e)],
    ]),
  ],
  ["squared error", { "mean-squared-error": {} }, "none", [1e-15, 1e-6, 1e15].map((e) => [e, 0, e ** 2])],
  ["absolute error", { "mean-absolute-error": {} }, "none", [1e-30, 1e-6, 1e30].map((e) => [-e, 0, e])],
  [
    "Huber's loss",
    { huber: { delta: 1 } },
    "none",
    [1e-15, 1e-6, 0.5, 1, 1e30].map((e) => [e, 0, e <= 1 ? e ** 2 / 2 : e - 0.5]),
  ],
  // The margin around 0 and 1 is 10⁻⁷ on both sides, which a float32 has near 0 alone.
  [
    "binary crossentropy of bare values",
    { "binary-crossentropy": {} },
    "none",
    [
      [1, 0, -Math.log(1e-7)],
      [2, 0, -Math.log(1e-7)],
      [0, 1, -Math.log(1e-7)],
      [-3, 1, -Math.log(1e-7)],
      [1, 1, 0],
      [0, 0, 0],
      [0.75, 0, -Math.log(0.25)],
    ],
  ],
];

describe.each(["cpu", "wasm"] as const)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));
  afterAll(() => useBackend("cpu"));

  it.each(alone)("%s has float32's precision near its least value and far from it", (_, loss, activation, points) => {
    const column = (i: 0 | 1) => tf.tensor2d(points.map((point) => [point[i]]));
    const manner = { reduction: "mean", exact: true } as const;
    const values = perItemLoss(loss, { logits: column(0), activation }, column(1), manner).dataSync();
    points.forEach(([, , expected], i) => {
      expect(Math.abs((values[i] as number) - expected), JSON.stringify(points[i])).toBeLessThanOrEqual(
        1e-6 * Math.abs(expected) + 1e-45,
      );
    });
  });

  it("binary crossentropy of a softmax is that of its log-odds, for any logits", () => {
    const rows = [
      [90, -40, 3],
      [0.5, 0.5, -1],
      [-200, 1000, 999],
      [1e-3, 0, 60],
      [0, 0, 0],
    ];
    const targets = [
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 0],
      [0.25, 0.5, 0.25],
      [0, 0, 1],
    ];
    // In float64 of each logit against the others.
    const odds = (row: number[]) =>
      row.map((l, i) => {
        const others = row.filter((_, j) => j !== i);
        const top = Math.max(...others);
        return l - top - Math.log(others.reduce((sum, o) => sum + Math.exp(o - top), 0));
      });
    const exact = (row: number[], t: number[]) =>
      odds(row).reduce((sum, o, i) => sum + exactBce(o, t[i] as number), 0) / row.length;
    const manner = { reduction: "mean", exact: true } as const;
    const of = (logits: tf.Tensor) =>
      perItemLoss(
        { "binary-crossentropy": {} },
        { logits: logits as tf.Tensor2D, activation: "softmax" },
        tf.tensor2d(targets),
        manner,
      );
    const logits = tf.tensor2d(rows);
    const values = of(logits).dataSync();
    const gradient = tf.grad(of)(logits).dataSync();
    rows.forEach((row, i) => {
      const t = targets[i] as number[];
      const expected = exact(row, t);
      expect(Math.abs((values[i] as number) - expected), `row ${i}`).toBeLessThanOrEqual(1e-6 * expected + 1e-30);
      row.forEach((l, j) => {
        const at = (step: number) => exact(row.with(j, l + step), t);
        expect(gradient[3 * i + j], `gradient ${i}, ${j}`).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
      });
    });
  });

  it("categorical crossentropy has it too", () => {
    // The true class is ahead by this much, of three; two far behind, one even at first.
    const leads = [0, 1, 10, 17, 20, 40, 90];
    const logits = tf.tensor2d(leads.map((lead) => [lead, 0, 0]));
    const target = tf.tensor2d(leads.map(() => [1, 0, 0]));
    const loss = { "categorical-crossentropy": { labelSmoothing: 0 } };
    const manner = { reduction: "mean", exact: true } as const;
    const values = perItemLoss(loss, { logits, activation: "softmax" }, target, manner).dataSync();
    leads.forEach((lead, i) => {
      const expected = Math.log1p(2 * Math.exp(-lead));
      expect(Math.abs((values[i] as number) - expected)).toBeLessThanOrEqual(1e-6 * expected);
    });
  });

  it("so have the functions that they are made of", () => {
    const xs = [-40, -5, -0.51, -0.5, -0.49, -0.1, -1e-3, -1e-6, 0, 1e-9, 1e-6, 1e-3, 0.1, 0.49, 0.5, 0.51, 3, 20];
    const line = expBeyondLine(tf.tensor1d(xs)).dataSync();
    xs.forEach((x, i) => {
      const f = Math.fround(x);
      const series = [...Array(30).keys()].reduceRight((sum, n) => 1 + (sum * f) / (n + 3), 1);
      const expected = Math.abs(f) < 3 ? (series * f ** 2) / 2 : Math.exp(f) - 1 - f;
      expect(Math.abs((line[i] as number) - expected), `at ${x}`).toBeLessThanOrEqual(3e-6 * Math.abs(expected));
    });
    const ys = [-0.9, -1e-3, -1e-9, 0, 1e-30, 1e-9, 1e-4, 0.5, 1, 1e3, 1e30];
    const logs = log1p(tf.tensor1d(ys)).dataSync();
    ys.forEach((y, i) => {
      const expected = Math.log1p(Math.fround(y));
      expect(Math.abs((logs[i] as number) - expected), `at ${y}`).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
    });
  });
});

it("log-cosh has the slope tanh, everywhere", () => {
  const xs = [-30, -1, -1e-6, 0, 1e-8, 0.3, 8, 50];
  const slopes = tf
    .grad((x) => tf.sum(logCosh(x)))(tf.tensor1d(xs))
    .dataSync();
  xs.forEach((x, i) => {
    expect(Math.abs((slopes[i] as number) - Math.tanh(x))).toBeLessThanOrEqual(1e-6 * Math.abs(Math.tanh(x)));
  });
});
