import { describe, expect, it } from "vitest";
import { floatValues, sizeOf, storedValues } from "../../src/artifact/tensor.js";
import { accuracyOf, confusionMatrix, logLoss, macroF1, predictedClasses } from "../../src/base/classify.js";
import type { EngineName } from "../../src/base/engines.js";
import { type Classified, classified } from "../../src/engine/classification.js";
import { evaluate, openModel, train } from "../../src/engine/index.js";
import type { EvaluateStage, TrainStage } from "../../src/gen/stages.js";
import { splitOf } from "../datasets.js";
import {
  ADAM,
  BCE,
  blobs,
  CROSSENTROPY,
  engineOf,
  layer,
  MSE,
  modelOf,
  sequentialOf,
  training,
  unwrap,
  VAE_LOSS,
  vaeOf,
} from "./support.js";

const confusionOf = (told: Classified) => confusionMatrix(told.labels, predictedClasses(told), told.classes);

const BOTH: EvaluateStage = { splits: ["train", "test"] };

async function trained(
  build: Parameters<typeof modelOf>[0],
  loss: TrainStage["loss"],
  { engineName = "wasm" as EngineName, epochs = 3, dataset = blobs(1100) } = {},
) {
  const engine = await engineOf(engineName);
  const model = await modelOf(build, [6]);
  const params = training({ loss, optimizer: ADAM, batchSize: 20, epochs });
  const { weights, history } = unwrap(await train(engine, { model, dataset, params, seed: 1 }));
  return { engine, model, weights, history, dataset, seed: 1 };
}

describe("a variational autoencoder", () => {
  it("is measured on each split, and tells codes and reconstructions of one", async () => {
    const task = await trained(vaeOf(6, 8), VAE_LOSS);
    const reported: number[] = [];
    const { metrics, predictions } = unwrap(
      await evaluate(task.engine, { ...task, params: BOTH }, (done, total) => {
        expect(total).toBe(1100 + 367);
        reported.push(done);
      }),
    );
    expect(reported).toEqual([0, 500, 1000, 1100, 1467]);
    const { loss, reconstruction, kl } = metrics.splits.train as Record<string, number>;
    expect(loss).toBeCloseTo((reconstruction as number) + (kl as number), 4);
    expect(metrics.splits.test?.loss).toBeCloseTo(task.history.splits.test?.loss?.at(-1) as number, 1);
    expect(Object.keys(metrics.about)).toEqual(["loss", "reconstruction", "kl"]);
    expect(metrics.about.reconstruction).toEqual({
      label: "Reconstruction error",
      unit: "nats/example",
      better: "lower",
    });
    expect(predictions).toMatchObject({ split: "test", items: 367 });
    expect(predictions.latent?.shape).toEqual([367, 2]);
    expect(predictions.latentScale?.shape).toEqual([367, 2]);
    expect(predictions.reconstruction).toMatchObject({ dtype: "uint8", shape: [367, 6], scale: 1 / 255, offset: 0 });
    const items = storedValues(predictions.itemLoss.loss as never) as Float32Array;
    expect(items.reduce((sum, value) => sum + value, 0) / 367).toBeCloseTo(metrics.splits.test?.loss as number, 4);
  });

  it("decodes the codes that it encodes into the reconstructions", async () => {
    const { engine, model, weights, dataset } = await trained(vaeOf(6, 8), VAE_LOSS, { epochs: 1 });
    const runner = unwrap(await openModel(engine, model, weights));
    const { x } = splitOf(dataset, "train");
    const { mean, scale } = unwrap(await runner.encode(x));
    expect(mean.shape).toEqual([1100, 2]);
    expect(Math.min(...floatValues(scale as NonNullable<typeof scale>))).toBeGreaterThan(0);
    const predicted = unwrap(await runner.predict(x));
    const decoded = unwrap(await runner.decode(storedValues(mean), 1100));
    expect(decoded.length).toBe(sizeOf(predicted.shape));
    for (const i of [0, 777, 6599]) expect(decoded[i]).toBeCloseTo(storedValues(predicted)[i] as number, 6);
    runner.dispose();
  });
});

it.each([
  [{ noise: 1, scale: "exp-half" }, true],
  [{ noise: 0.1, scale: "exp-half" }, false],
  [{ noise: 1, scale: "exp" }, false],
] as const)("says what its divergence is one of: %j", async (latent, exact) => {
  const task = await trained(vaeOf(6, 4, latent), VAE_LOSS, { epochs: 1, dataset: blobs(40) });
  const { metrics } = unwrap(await evaluate(task.engine, { ...task, params: BOTH }));
  expect(metrics.divergence).toMatchObject({ form: `scale ${latent.scale}, noise ${latent.noise}`, exact });
});

it("gives a plain autoencoder codes without a spread", async () => {
  const build = {
    family: "autoencoder" as const,
    encoder: [layer("dense", { units: 3 })],
    decoder: [layer("dense", { units: 6, activation: "sigmoid" })],
  };
  const task = await trained(build, { reconstruction: MSE, kl: 1 });
  const { metrics, predictions } = unwrap(await evaluate(task.engine, { ...task, params: BOTH }));
  expect(Object.keys(metrics.splits.test ?? {})).toEqual(["loss", "reconstruction"]);
  expect(metrics.about.loss?.unit).toBe("");
  expect(predictions.latent?.shape).toEqual([367, 3]);
  expect(predictions.latentScale).toBeUndefined();
});

describe("a classifier", () => {
  const build = sequentialOf(layer("dense", { units: 3, activation: "softmax" }));

  it("has accuracy, F1, log loss and a confusion matrix", async () => {
    const task = await trained(build, CROSSENTROPY, { epochs: 6 });
    const params: EvaluateStage = { splits: ["train"], predictions: "test" };
    const { metrics, predictions } = unwrap(await evaluate(task.engine, { ...task, params }));
    expect(Object.keys(metrics.splits)).toEqual(["train"]);
    const { accuracy, macroF1, logLoss, loss } = metrics.splits.train as Record<string, number>;
    expect(accuracy).toBeGreaterThan(0.95);
    expect(macroF1).toBeCloseTo(accuracy as number, 2);
    expect(logLoss).toBeCloseTo(loss as number, 5);
    expect(metrics.confusion?.train?.flat().reduce((sum, count) => sum + count, 0)).toBe(1100);
    expect(predictions.split).toBe("test");
    const probabilities = storedValues(predictions.probabilities as NonNullable<typeof predictions.probabilities>);
    for (let i = 0; i < 367; i++) {
      expect([0, 1, 2].reduce((sum, c) => sum + (probabilities[3 * i + c] as number), 0)).toBeCloseTo(1, 5);
    }
    expect(Object.keys(predictions.itemLoss)).toEqual(["loss"]);
  });

  it("may have a single output", async () => {
    const two = sequentialOf(layer("dense", { units: 1, activation: "sigmoid" }));
    const task = await trained(two, BCE, { epochs: 8, dataset: blobs(300, 6, 2) });
    const { metrics, predictions } = unwrap(await evaluate(task.engine, { ...task, params: BOTH }));
    expect(metrics.splits.test?.accuracy).toBeGreaterThan(0.95);
    expect(metrics.splits.test?.logLoss).toBeCloseTo(metrics.splits.test?.loss as number, 5);
    expect(predictions.probabilities?.shape).toEqual([100, 2]);
  });
});

it("says which split is missing", async () => {
  const task = await trained(sequentialOf(layer("dense", { units: 3, activation: "softmax" })), CROSSENTROPY, {
    epochs: 1,
  });
  const params: EvaluateStage = { splits: ["dev"] };
  expect(await evaluate(task.engine, { ...task, params })).toMatchObject({
    ok: false,
    error: [{ code: "unknown-split", path: ["splits"], expected: "train, test" }],
  });
});

describe("figures of a classification", () => {
  // True classes 0 0 1 1 2; called 0 1 1 1 0.
  const told: Classified = {
    classes: 3,
    probabilities: Float32Array.of(0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.1, 0.6, 0.3, 0, 1, 0, 0.5, 0.25, 0.25),
    logOdds: null,
    labels: [0, 0, 1, 1, 2],
  };
  const confusion = [
    [1, 1, 0],
    [0, 2, 0],
    [1, 0, 0],
  ];

  it("count by rows of truth", () => expect(confusionOf(told)).toEqual(confusion));
  it("share of the diagonal", () => expect(accuracyOf(confusion)).toBe(3 / 5));
  it("mean of the classes' F1", () => expect(macroF1(confusion)).toBeCloseTo((0.5 + 0.8 + 0) / 3, 10));
  it.each([
    // True, called, classes of the model, and sklearn.metrics.f1_score(true, called, average="macro").
    [[0, 1, 0, 3], [0, 1, 2, 2], 4, 0.4166666667],
    [[0, 1, 0, 3], [0, 1, 2, 2], 9, 0.4166666667],
    [Array.from({ length: 26 }, (_, i) => i + 1), Array.from({ length: 26 }, (_, i) => i + 1), 27, 1],
    [[2, 2], [2, 2], 3, 1],
    [[0, 0], [1, 1], 5, 0],
  ])("mean F1 of the classes that occur or are called: %j called %j", (labels, called, classes, expected) => {
    const probabilities = Float32Array.from({ length: labels.length * classes }, (_, i) =>
      called[Math.floor(i / classes)] === i % classes ? 1 : 0,
    );
    expect(macroF1(confusionOf({ classes, probabilities, logOdds: null, labels }))).toBeCloseTo(expected, 9);
  });
  it.each([1, 1e-5, 1e-8, 1e-20])(
    "the class of the largest logit is called, however close the others (%d apart)",
    (step) => {
      const rows = [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [-1, 0, -2, -1],
        [1, 1, 2, 2],
      ];
      const logits = Float32Array.from(rows.flat(), (value) => value * step);
      const told = classified(logits, "softmax", [3, 0, 1, 2]);
      expect(accuracyOf(confusionOf(told))).toBe(1);
      expect(logLoss(told)).toBeLessThan(1.4);
    },
  );
  it("mean logarithm of the true class's probability", () => {
    const expected = -(Math.log(0.8) + Math.log(0.2) + Math.log(0.6) + Math.log(1) + Math.log(0.25)) / 5;
    expect(logLoss(told)).toBeCloseTo(expected, 6);
  });
});
