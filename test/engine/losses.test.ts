import { readdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useBackend } from "../../src/engine/eager/backend.js";
import { perItemLoss } from "../../src/engine/item-loss.js";
import type { OutputActivation } from "../../src/engine/loss.js";
import type { Loss, LossKind } from "../../src/gen/losses.js";
import { complete } from "./support.js";

beforeAll(() => useBackend("cpu"));

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
  const of = (logits: tf.Tensor, reduction: "sum" | "mean" = "mean") =>
    perItemLoss(loss, { logits: logits as tf.Tensor2D, activation }, tf.tensor2d(target), reduction);

  it("is its formula, item by item", () => {
    const values = of(tf.tensor2d(LOGITS)).dataSync();
    for (const [i, row] of LOGITS.entries()) expect(values[i]).toBeCloseTo(expected(row, target[i] as number[]), 5);
  });

  it("has the gradient of finite differences", () => {
    const weights = tf.tensor1d([1, -2]);
    const total = (x: tf.Tensor) => tf.sum(tf.mul(of(x), weights));
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
    (how) => perItemLoss(loss, output, tf.tensor2d(TARGET), how).dataSync()[0],
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
        "sum",
      ),
    );
  expect(of(logits).dataSync()[0]).toBeCloseTo(1000 + Math.LN2, 2);
  expect([...tf.grad(of)(logits).dataSync()]).toEqual([1, -1, -0.5]);
});
