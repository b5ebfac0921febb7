/**
 * Small cases with known answers, as `onnx` and `cpu` compute them: a model whose weights are given and stay, measured by the
 * trainer and by the evaluation.
 */

import { describe, expect, it } from "vitest";
import { storedValues, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Metrics, Predictions, Weights } from "../../src/artifact/types.js";
import { logLoss, predictedClasses, rankCurves, scoresOf } from "../../src/base/classify.js";
import { evaluate, train } from "../../src/engine/index.js";
import type { TrainStage } from "../../src/gen/stages.js";
import { datasetOfArrays, splitOf } from "../datasets.js";
import type { FamilyModel } from "./families.js";
import { complete, engineOf, joined, layer, modelOf, sequentialOf, training, unwrap } from "./support.js";

const STILL = { sgd: complete("optimizers", "sgd", { learningRate: 1e-12 }) } as TrainStage["optimizer"];
const constant = (value: number) => ({ constant: { value } });

function dataOf(item: readonly number[], bytes: Uint8Array, labels: readonly number[] | null, classes = 2): Dataset {
  const items = bytes.length / item.reduce((a, b) => a * b, 1);
  const split = {
    x: tensorOf("uint8", [items, ...item], bytes),
    y: labels && tensorOf("uint8", [items], Uint8Array.from(labels)),
  };
  const names = labels && Array.from({ length: classes }, (_, c) => String(c));
  return datasetOfArrays({ name: "known", classes: names, splits: { train: split, test: split } });
}

interface Known {
  readonly trained: number;
  readonly weights: Weights;
  readonly metrics: Metrics;
  readonly predictions: Predictions;
  readonly test: Readonly<Record<string, number>>;
}

async function measured(name: string, build: FamilyModel, dataset: Dataset, loss: TrainStage["loss"]): Promise<Known> {
  const engine = await engineOf(name);
  const model = await modelOf(build, splitOf(dataset, "train").x.shape.slice(1));
  const params = training({ loss, optimizer: STILL, batchSize: 1000, epochs: 1 });
  const { weights, history } = unwrap(await train(engine, { model, dataset, params, seed: 1 }));
  const task = { model, dataset, weights, params: { splits: ["train", "test"] }, seed: 1 };
  const { metrics, predictions } = unwrap(await evaluate(engine, task));
  const trained = history.splits.train?.loss?.[0] as number;
  return { trained, weights, metrics, predictions, test: metrics.splits.test as Record<string, number> };
}

describe.each(["onnx", "cpu"])("on %s", (engine) => {
  // Half of the logits are so large that their sigmoids are 0 or 1.
  const ramp = Uint8Array.from({ length: 256 }, (_, i) => i);
  const truth = Array.from(ramp, (i) => (i >= 128 || (i >= 64 && i < 96) ? 1 : 0));
  const bce = (i: number): number =>
    Math.log1p(Math.exp(-Math.abs(i / 2 - 64))) + Math.max(0, (truth[i] ? -1 : 1) * (i / 2 - 64));
  const expected = truth.reduce<number>((sum, _, i) => sum + bce(i), 0) / 256;

  it.each([1, 2])("classes are ranked by logits, and log loss is the loss (%i outputs)", async (outputs) => {
    const weights = { kernelInitializer: constant(0.5), biasInitializer: constant(-64) };
    const build =
      outputs === 1
        ? sequentialOf(layer("flatten"), layer("dense", { units: 1, activation: "sigmoid", ...weights }))
        : sequentialOf(
            layer("flatten"),
            joined("concatenate", [
              [layer("dense", { units: 1, kernelInitializer: { zeros: {} } })],
              [layer("dense", { units: 1, ...weights })],
            ]),
            layer("softmax"),
          );
    const loss = outputs === 1 ? { "binary-crossentropy": {} } : { "categorical-crossentropy": { labelSmoothing: 0 } };
    const { trained, test, predictions } = await measured(engine, build, dataOf([1, 1], ramp, truth), loss);
    expect(trained).toBeCloseTo(expected, 5);
    expect(test.loss).toBeCloseTo(expected, 5);
    expect(test.logLoss).toBeCloseTo(expected, 5);
    const told = {
      probabilities: storedValues(predictions.probabilities as Tensor<"float32">),
      logOdds: storedValues(predictions.logOdds as Tensor<"float32">),
      classes: 2,
      labels: truth,
    };
    expect(logLoss(told)).toBe(test.logLoss);
    const called = predictedClasses(told);
    expect(truth.filter((label, i) => label === called[i]).length / 256).toBe(test.accuracy);
    // sklearn.metrics.roc_auc_score and average_precision_score of the logits.
    for (const [c, area, precision] of [
      [0, 0.9333333333, 0.904538685],
      [1, 0.9333333333, 0.9636396564],
    ] as const) {
      const scores = truth.map((_, i) => scoresOf(told)[2 * i + c] as number);
      const curves = rankCurves(scores, (i) => truth[i] === c);
      expect(curves?.rocAuc).toBeCloseTo(area, 8);
      expect(curves?.averagePrecision).toBeCloseTo(precision, 8);
    }
  });

  it.each([[layer("flatten")], [layer("reshape", { targetShape: [1] }), layer("flatten")]])(
    "a sigmoid is found behind layers that only reshape",
    async (...behind) => {
      const sigmoid = layer("dense", {
        units: 1,
        activation: "sigmoid",
        kernelInitializer: constant(0.5),
        biasInitializer: constant(-64),
      });
      const build = sequentialOf(layer("flatten"), sigmoid, ...behind);
      const data = dataOf([1, 1], ramp, truth);
      const { test, predictions } = await measured(engine, build, data, { "binary-crossentropy": {} });
      expect(test.loss).toBeCloseTo(expected, 5);
      expect(test.logLoss).toBeCloseTo(expected, 5);
      const last = storedValues(predictions.probabilities as Tensor<"float32">).slice(-2);
      expect([...last]).toEqual([expect.closeTo(Math.exp(-63.5), 20), 1]);
      expect(predictions.logOdds).toBeDefined();
      const squares = await measured(engine, build, data, { "mean-squared-error": {} });
      expect(squares.test.meanSquaredError).toBeCloseTo(squares.test.loss as number, 5);
    },
  );

  it.each([
    ["before flatten", [layer("activation", { activation: "softmax" }), layer("flatten")]],
    [
      "over the channels of one pixel",
      [layer("reshape", { targetShape: [1, 1, 2] }), layer("activation", { activation: "softmax" }), layer("flatten")],
    ],
    [
      "as a layer between two others",
      [layer("reshape", { targetShape: [1, 2] }), layer("softmax"), layer("reshape", { targetShape: [2] })],
    ],
  ])("so is a softmax %s", async (_, behind) => {
    const last = { kernelInitializer: constant(0.5), biasInitializer: constant(-64) };
    const twoLogits = joined("concatenate", [
      [layer("dense", { units: 1, kernelInitializer: { zeros: {} } })],
      [layer("dense", { units: 1, ...last })],
    ]);
    const build = sequentialOf(layer("flatten"), twoLogits, ...behind);
    const loss = { "categorical-crossentropy": { labelSmoothing: 0 } };
    const { trained, test } = await measured(engine, build, dataOf([1, 1], ramp, truth), loss);
    expect(trained).toBeCloseTo(expected, 5);
    expect(test.loss).toBeCloseTo(expected, 5);
    expect(test.logLoss).toBeCloseTo(expected, 5);
  });

  it("log-cosh keeps small residuals", async () => {
    const conv = (value: number) =>
      layer("conv2d", { filters: 1, kernelSize: 1, useBias: false, kernelInitializer: constant(value) });
    const build: FamilyModel = { family: "autoencoder", encoder: [conv(0.999999)], decoder: [conv(1)] };
    const data = dataOf([28, 28, 1], new Uint8Array(4 * 784).fill(1), null);
    const { trained, test } = await measured(engine, build, data, { "log-cosh": {} });
    const right = (784 * (1 - Math.fround(0.999999)) ** 2) / 2;
    expect(trained / right).toBeCloseTo(1, 5);
    expect((test.loss as number) / right).toBeCloseTo(1, 5);
  });

  it("binary crossentropy has one margin on both sides", async () => {
    // hardSigmoid gives exactly 1 for each pixel; half of the items have a 0 there.
    const build: FamilyModel = {
      family: "autoencoder",
      encoder: [layer("flatten")],
      decoder: [
        layer("dense", {
          units: 4,
          activation: "hardSigmoid",
          biasInitializer: constant(9),
          kernelInitializer: { zeros: {} },
        }),
        layer("reshape", { targetShape: [2, 2] }),
      ],
    };
    const data = dataOf([2, 2], Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1), null);
    const { trained, test } = await measured(engine, build, data, { "binary-crossentropy": {} });
    expect(trained).toBeCloseTo((4 * -Math.log(1e-7)) / 2, 5);
    expect(test.loss).toBeCloseTo((4 * -Math.log(1e-7)) / 2, 5);
  });

  it.each(["exp-half", "exp"] as const)("a divergence close to 0 keeps its digits (scale %s)", async (scale) => {
    const bias = 1e-3;
    const build: FamilyModel = {
      family: "variational-autoencoder",
      encoder: [
        layer("flatten"),
        layer("dense", { units: 1, kernelInitializer: { zeros: {} }, biasInitializer: constant(bias) }),
      ],
      latent: { units: 2, noise: 1, scale },
      decoder: [layer("dense", { units: 4 }), layer("reshape", { targetShape: [2, 2] })],
    };
    const data = dataOf([2, 2], new Uint8Array(8), null);
    const loss = { reconstruction: { "mean-squared-error": {} }, kl: 1 };
    const { test, weights } = await measured(engine, build, data, loss);
    const head = (name: string) => {
      const found = weights.tensors.find((each) => each.name === `latent/${name}/kernel`);
      return [...storedValues((found as Weights["tensors"][number]).tensor)].map((w) => w * bias);
    };
    const [m, s] = [head("mean"), head("scale")] as const;
    const right = m.reduce(
      (sum, mean, i) => sum + (mean ** 2 + (Math.expm1(s[i] as number) - (s[i] as number))) / 2,
      0,
    );
    expect(right).toBeGreaterThan(1e-9);
    expect((test.kl as number) / right).toBeCloseTo(1, 5);
  });

  it("one unit and a distance make a regression", async () => {
    // 2·x + 1 for x = 0 … 9, off by 1 at the last.
    const labels = Array.from({ length: 10 }, (_, i) => 2 * i + 1 + (i === 9 ? 1 : 0));
    const weights = { kernelInitializer: constant(2), biasInitializer: constant(1) };
    const build = sequentialOf(layer("flatten"), layer("dense", { units: 1, ...weights }));
    const data = dataOf(
      [1, 1],
      Uint8Array.from({ length: 10 }, (_, i) => i),
      labels,
      21,
    );
    const { metrics, test, predictions } = await measured(engine, build, data, { "mean-squared-error": {} });
    // sklearn.metrics, numpy.quantile
    expect(test).toEqual({
      loss: expect.closeTo(0.1, 6),
      meanSquaredError: expect.closeTo(0.1, 6),
      rootMeanSquaredError: expect.closeTo(Math.sqrt(0.1), 6),
      meanAbsoluteError: expect.closeTo(0.1, 6),
      r2: expect.closeTo(0.9971338492, 8),
      explainedVariance: expect.closeTo(0.9974204643, 8),
      ...Object.fromEntries([5, 25, 50, 75].map((share) => [`residualQ${share}`, expect.closeTo(0, 6)])),
      residualQ95: expect.closeTo(0.55, 6),
    });
    expect(metrics.confusion).toBeUndefined();
    expect(metrics.about.r2).toEqual({ label: "R²", unit: "", better: "higher" });
    expect([...storedValues(predictions.values as Tensor<"float32">)]).toEqual(labels.map((_, i) => 2 * i + 1));
  });

  it.each([
    [[7, 7, 7], "all 3 items have the same value, 7"],
    [[7], "there is one item only"],
  ])("R² of labels %j has a reason instead of a value", async (labels, why) => {
    const build = sequentialOf(layer("flatten"), layer("dense", { units: 1 }));
    const data = dataOf(
      [1, 1],
      Uint8Array.from(labels, (_, i) => i),
      labels,
      8,
    );
    const { metrics, test } = await measured(engine, build, data, { "mean-absolute-error": {} });
    const both = { r2: why, explainedVariance: why };
    expect(metrics.unmeasured).toEqual({ train: both, test: both });
    expect(test).not.toHaveProperty("r2");
    expect(metrics.about.r2).toBeDefined();
  });

  it("measures what it can of outputs that are no numbers, and says what it cannot", async () => {
    // e³⁰⁰ overflows: the items with a 1 have an infinite output.
    const build = sequentialOf(
      layer("flatten"),
      layer("dense", { units: 1, activation: "elu", kernelInitializer: constant(3e38) }),
      layer("dense", { units: 1, kernelInitializer: constant(2), useBias: false }),
    );
    const data = dataOf([1, 1], Uint8Array.of(0, 0, 2), [0, 5, 9], 10);
    const model = await modelOf(build, [1, 1]);
    const tensors = [
      { name: "model/dense/kernel", tensor: tensorOf("float32", [1, 1], Float32Array.of(3e38)) },
      { name: "model/dense/bias", tensor: tensorOf("float32", [1], Float32Array.of(0)) },
      { name: "model/dense_1/kernel", tensor: tensorOf("float32", [1, 1], Float32Array.of(2)) },
    ];
    const weights = { tensors, epoch: 1, loss: { "mean-absolute-error": {} } };
    const task = { model, dataset: data, weights, params: { splits: ["test"] }, seed: 1 };
    const { metrics } = unwrap(await evaluate(await engineOf(engine), task));
    expect(metrics.splits.test).toEqual({});
    expect(metrics.unmeasured?.test?.loss).toBe("it is no finite number for 1 of 3 items");
    expect(Object.keys(metrics.unmeasured?.test ?? {})).toEqual([
      "loss",
      "meanSquaredError",
      "rootMeanSquaredError",
      "meanAbsoluteError",
      "r2",
      "explainedVariance",
      ...[5, 25, 50, 75, 95].map((share) => `residualQ${share}`),
    ]);
  });
});
