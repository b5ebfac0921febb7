import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../src/artifact/types.js";
import type { StageParams } from "../../src/gen/stages.js";
import build from "../../stages/build.js";
import evaluate from "../../stages/evaluate.js";
import flatten from "../../stages/flatten.js";
import load from "../../stages/load.js";
import normalize from "../../stages/normalize.js";
import train from "../../stages/train.js";
import { type FamilyModel, graphOf } from "../engine/families.js";
import { ADAM, CROSSENTROPY, layer, sequentialOf, training, VAE_LOSS, vaeOf } from "../engine/support.js";
import { runStage, type Told, value } from "./support.js";

let data: Dataset;
beforeAll(async () => {
  const loaded = value(await runStage(load, { dataset: "mnist", limit: { train: 2000, test: 500 } }, {}));
  const flat = value(await runStage(flatten, {}, loaded));
  data = value(await runStage(normalize, { method: "min-max" }, flat)).dataset;
});

async function experiment(
  described: FamilyModel,
  training: StageParams["train"],
  told: Told = { progress: [], epochs: [] },
) {
  const { model } = value(await runStage(build, graphOf(described), { dataset: data }));
  const { weights, history } = value(await runStage(train, training, { dataset: data, model }, { told }));
  const measured = await runStage(evaluate, { splits: ["train", "test"] }, { dataset: data, model, weights }, { told });
  return { model, weights, history, ...value(measured) };
}

describe("on the first 2,000 images of MNIST", () => {
  it("the variational autoencoder learns, the same bits each time", async () => {
    const params = training({ loss: VAE_LOSS, epochs: 2, validation: "test" });
    const told: Told = { progress: [], epochs: [] };
    const first = await experiment(vaeOf(784, 16), params, told);
    const [start = 0, end] = first.history.splits.train?.loss ?? [];
    // All pixels at even odds would cost 784·ln 2 = 543 nats.
    expect(start).toBeLessThan(480);
    expect(end).toBeLessThan(300);
    expect(first.metrics.splits.test?.loss).toBeCloseTo(first.history.splits.test?.loss?.[1] as number, 0);
    expect(first.model.parameters).toBe(26004);
    expect(told.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(told.progress.at(-1)).toMatchObject({ done: 2500, total: 2500, unit: "items" });
    const again = await experiment(vaeOf(784, 16), params);
    expect(again.history).toEqual(first.history);
    expect(bytesOf(again)).toEqual(bytesOf(first));
  });

  it("a classifier tells digits apart", async () => {
    const layers = [
      layer("dense", { units: 32, activation: "relu" }),
      layer("dense", { units: 10, activation: "softmax" }),
    ];
    const params = training({ loss: CROSSENTROPY, optimizer: ADAM, epochs: 2 });
    const { metrics } = await experiment(sequentialOf(...layers), params);
    expect(metrics.splits.test?.accuracy).toBeGreaterThan(0.8);
  });
});

function bytesOf({ weights, predictions }: Awaited<ReturnType<typeof experiment>>): Uint8Array[] {
  const tensors = weights.tensors.map(({ tensor }) => tensor);
  return [...tensors, predictions.latent, predictions.reconstruction].map(
    (tensor) => tensor?.bytes.load() as Uint8Array,
  );
}

it("build says which layer does not fit", async () => {
  const wrong = vaeOf(700, 16);
  expect(await runStage(build, graphOf(wrong), { dataset: data })).toMatchObject({
    ok: false,
    error: [
      {
        code: "shape-mismatch",
        path: ["nodes", "decoder/dense_1"],
        message: "decoder/dense_1 gives [700], the input is [784]",
      },
    ],
  });
  const image = sequentialOf(layer("dense", { units: 4 }), layer("conv2d", { filters: 2, kernelSize: 3 }));
  expect(await runStage(build, graphOf(image), { dataset: data })).toMatchObject({
    ok: false,
    error: [{ code: "shape-mismatch", path: ["nodes", "model/conv2d"] }],
  });
  const small = layer("reshape", { targetShape: [28, 28, 1] });
  const large = layer("conv2d", { filters: 2, kernelSize: 30 });
  expect(await runStage(build, graphOf(sequentialOf(small, large)), { dataset: data })).toMatchObject({
    ok: false,
    error: [{ path: ["nodes", "model/conv2d"], message: expect.stringContaining("a window of 30") }],
  });
});
