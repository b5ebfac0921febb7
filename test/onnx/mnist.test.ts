import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../src/artifact/tensor.js";
import { type CatalogueEntry, cataloguePath, findInCatalogue } from "../../src/data/catalogue.js";
import { parseIdx } from "../../src/data/idx.js";
import { createEagerEngine } from "../../src/engine/eager/index.js";
import type { Engine } from "../../src/engine/engine.js";
import { onnxEngine } from "../../src/engine/onnx/onnx-engine.js";
import { train } from "../../src/engine/train.js";
import type { TrainStage } from "../../src/gen/stages.js";
import { type Arrays, datasetOfArrays } from "../datasets.js";
import { unwrap } from "./support/compare.js";
import { complete, vaeModel } from "./support/models.js";

const PIXELS = 784;
const mnist = findInCatalogue("mnist") as CatalogueEntry;

/** The first images of a split, as the reference experiment trains on them: bytes in rows, scaled to 0..1. */
function images(split: "train" | "test", count: number): Arrays {
  const file = readFileSync(cataloguePath(mnist, mnist.splits[split].images));
  const array = parseIdx(file);
  if (!array.ok) throw new Error(JSON.stringify(array.error));
  const bytes = array.value.data.slice(0, count * PIXELS);
  return { x: tensorOf("uint8", [count, PIXELS], bytes, { scale: 1 / 255 }), y: null };
}

const dataset = datasetOfArrays({
  name: "mnist",
  classes: null,
  splits: { train: images("train", 2000), test: images("test", 300) },
});

const params = {
  optimizer: complete("optimizers", "adam"),
  loss: { reconstruction: complete("losses", "binary-crossentropy"), kl: 1 },
  batchSize: 32,
  epochs: 5,
  shuffle: true,
  validation: "test",
  schedule: complete("schedules", "constant"),
} as unknown as TrainStage;

/**
 * Wider than for a few steps: Adam divides a gradient by its size, so where it is zero but for rounding two engines step
 * in different directions, and 315 steps add that up. An error in a formula shows far above it.
 */
const TOLERANCE = 1e-3;

describe("five epochs of the reference experiment on part of MNIST", () => {
  it("follow the same curves on onnx and on wasm", async () => {
    const model = await vaeModel({ hidden: 64, pixels: PIXELS });
    const learn = async (engine: Engine) => unwrap(await train(engine, { model, dataset, params, seed: 1 })).history;
    const compiled = await learn(onnxEngine());
    const eager = await learn(unwrap(await createEagerEngine("wasm")));
    expect(compiled.epochs).toBe(5);
    // 62 whole batches of 32 and one of 16.
    expect(compiled.stepsPerEpoch).toBe(63);
    for (const [split, metrics] of Object.entries(eager.splits)) {
      for (const [metric, values] of Object.entries(metrics)) {
        values.forEach((value, epoch) => {
          const actual = compiled.splits[split]?.[metric]?.[epoch] as number;
          expect(Math.abs(actual / (value as number) - 1)).toBeLessThan(TOLERANCE);
        });
      }
    }
    const losses = compiled.splits.train?.loss as number[];
    expect(losses[4]).toBeLessThan(losses[0] as number);
  });
});
