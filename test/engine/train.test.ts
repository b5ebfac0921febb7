import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { inputColumn, withColumn } from "../../src/artifact/columns.js";
import { storedValues, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Weights } from "../../src/artifact/types.js";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { EngineName } from "../../src/base/engines.js";
import type { TrainingEnd } from "../../src/base/event.js";
import { standing } from "../../src/engine/early-stopping.js";
import { evaluate } from "../../src/engine/evaluate.js";
import { Feed } from "../../src/engine/feed.js";
import { type HeldOut, holdOut } from "../../src/engine/hold-out.js";
import type { InitialWeights } from "../../src/engine/initial-weights.js";
import { countOf } from "../../src/engine/items.js";
import { notFinite } from "../../src/engine/not-finite.js";
import { dataKinds } from "../../src/engine/program.js";
import { type TrainingHooks, train } from "../../src/engine/train.js";
import type { Layer } from "../../src/gen/layers.js";
import type { TrainStage } from "../../src/gen/stages.js";
import { type Arrays, arraysOf, edited, labelsIn, splitOf } from "../datasets.js";
import { engineUnderTest } from "../rig/tensorflow.js";
import {
  ADAM,
  blobs,
  CROSSENTROPY,
  complete,
  engineOf,
  itemsOf,
  layer,
  MSE,
  modelOf,
  sequentialOf,
  training,
  unwrap,
  VAE_LOSS,
  vaeOf,
} from "./support.js";

const DATA = blobs(50);
/** Leaves the weights as they are. */
const STILL = { sgd: complete("optimizers", "sgd", { learningRate: 1e-12 }) } as TrainStage["optimizer"];

async function classify(
  given: Partial<TrainStage> = {},
  {
    data = DATA,
    seed = 1,
    engine = "wasm" as EngineName,
    hidden = [] as Layer[],
    hooks = {} as TrainingHooks,
    initial = undefined as InitialWeights | undefined,
  } = {},
) {
  const model = await modelOf(sequentialOf(...hidden, layer("dense", { units: 3, activation: "softmax" })), [6]);
  const params = training({ loss: CROSSENTROPY, optimizer: ADAM, batchSize: 8, epochs: 3, ...given });
  return train(await engineOf(engine), { model, dataset: data, params, seed, ...(initial && { initial }) }, hooks);
}

const values = (weights: Weights) => weights.tensors.map(({ tensor }) => [...storedValues(tensor)]);

describe("a training", () => {
  it("makes the loss smaller and the accuracy larger, on both splits", async () => {
    const { history, weights } = unwrap(await classify({ epochs: 12 }));
    for (const split of ["train", "test"]) {
      const { loss = [], accuracy = [] } = history.splits[split] ?? {};
      expect(loss).toHaveLength(12);
      expect(loss.at(-1)).toBeLessThan((loss[0] as number) * 0.8);
      expect(accuracy.at(-1)).toBeGreaterThan(0.9);
    }
    expect(history).toMatchObject({
      epochs: 12,
      batchSize: 8,
      stepsPerEpoch: 7,
      engine: { name: engineUnderTest("wasm") },
    });
    expect(weights.epoch).toBe(12);
    expect(weights.tensors.map(({ name }) => name)).toEqual(["model/dense/kernel", "model/dense/bias"]);
    expect(weights.loss).toEqual(CROSSENTROPY);
  });

  it("gives the same bits for the same seed, and others for another", async () => {
    const hidden = [layer("dense", { units: 8, activation: "relu" }), layer("dropout", { rate: 0.4 })];
    const first = unwrap(await classify({}, { hidden }));
    const again = unwrap(await classify({}, { hidden }));
    const other = unwrap(await classify({}, { hidden, seed: 2 }));
    expect(values(again.weights)).toEqual(values(first.weights));
    expect(again.history).toEqual(first.history);
    expect(values(other.weights)).not.toEqual(values(first.weights));
  });

  it("does not depend on how many steps an engine takes a call", async () => {
    const model = await modelOf(vaeOf(6, 4), [6]);
    const params = training({ loss: VAE_LOSS, optimizer: ADAM, batchSize: 8, epochs: 2 });
    const engine = await engineOf("wasm");
    const task = { model, dataset: DATA, params, seed: 1 };
    const some = unwrap(await train({ ...engine, stepsPerCall: 32 }, task));
    const one = unwrap(await train({ ...engine, stepsPerCall: 1 }, task));
    expect(values(one.weights)).toEqual(values(some.weights));
    expect(one.history).toEqual(some.history);
  });

  it("takes all items as one batch where the batch is larger than the data", async () => {
    const large = unwrap(await classify({ batchSize: 1_000_000_000 }));
    const exact = unwrap(await classify({ batchSize: 50 }));
    expect(large.history.stepsPerEpoch).toBe(1);
    expect(large.history.splits).toEqual(exact.history.splits);
    expect(values(large.weights)).toEqual(values(exact.weights));
  });

  it("weighs a last, smaller batch by its items", async () => {
    // At a rate of next to nothing every step sees the initial weights, so the mean does not depend on the batches.
    const rate = { sgd: complete("optimizers", "sgd", { learningRate: 1e-20 }) } as TrainStage["optimizer"];
    const losses: number[] = [];
    for (const batchSize of [7, 50, 64]) {
      const { history } = unwrap(await classify({ optimizer: rate, batchSize, epochs: 1 }));
      expect(history.stepsPerEpoch).toBe(Math.ceil(50 / batchSize));
      losses.push(history.splits.train?.loss?.[0] as number);
    }
    expect(losses[1]).toBeCloseTo(losses[0] as number, 5);
    expect(losses[2]).toBeCloseTo(losses[0] as number, 5);
  });

  it("agrees on cpu and wasm", async () => {
    const [cpu, wasm] = [unwrap(await classify({}, { engine: "cpu" })), unwrap(await classify())];
    const [a, b] = [values(cpu.weights).flat(), values(wasm.weights).flat()];
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i] as number, 5);
  });

  it("keeps its memory flat, and leaves none behind", async () => {
    await engineOf("wasm");
    const before = tf.memory().numTensors;
    const during: number[] = [];
    const hooks = { epoch: () => during.push(tf.memory().numTensors) };
    unwrap(await classify({ epochs: 5 }, { hidden: [layer("batch_normalization")], hooks }));
    expect(new Set(during.slice(1)).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("reports progress before and after the first step, after every call, around validation, and every epoch", async () => {
    const progress: number[] = [];
    const epochs: number[] = [];
    await classify(
      { epochs: 2, batchSize: 1 },
      {
        hooks: {
          progress: ({ done, total, metrics }) => {
            expect(total).toBe(100);
            if (done > 0) expect(metrics?.loss).toBeGreaterThan(0);
            progress.push(done);
          },
          epoch: ({ epoch, metrics, seconds }) => {
            expect(Object.keys(metrics)).toEqual(["train", "test"]);
            expect(seconds).toBeGreaterThan(0);
            epochs.push(epoch);
          },
        },
      },
    );
    // How many steps the later calls have depends on the time that the first ones took.
    expect(progress.slice(0, 2)).toEqual([0, 1]);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.filter((done) => done === 50)).toHaveLength(3);
    expect(progress.slice(-3)).toEqual([100, 100, 100]);
    expect(epochs).toEqual([1, 2]);
  });

  it("measures no split but train when validation is off, and keeps the order when shuffling is", async () => {
    const { history } = unwrap(await classify({ validation: false }));
    expect(Object.keys(history.splits)).toEqual(["train"]);
    const shuffled = unwrap(await classify());
    const ordered = unwrap(await classify({ shuffle: false }));
    expect(values(ordered.weights)).not.toEqual(values(shuffled.weights));
  });

  it("adds regularization to the loss and shows it", async () => {
    const hidden = [layer("dense", { units: 4, kernelRegularizer: { l2: 0.1 } })];
    const { history } = unwrap(await classify({ optimizer: ADAM, epochs: 1 }, { hidden }));
    const { loss, regularization } = history.splits.train as Record<string, number[]>;
    expect(regularization?.[0]).toBeGreaterThan(0);
    expect(loss?.[0]).toBeGreaterThan(regularization?.[0] as number);
    expect(history.splits.test).not.toHaveProperty("regularization");
  });

  it("learns values as well as classes", async () => {
    const x = tensorOf(
      "float32",
      [40, 1],
      Float32Array.from({ length: 40 }, (_, i) => i / 20 - 1),
    );
    const y = tensorOf(
      "float32",
      [40, 1],
      storedValues(x).map((value) => 3 * value + 1),
    );
    const dataset = edited(DATA, { classes: null, splits: { train: { x, y } } });
    const model = await modelOf(sequentialOf(layer("dense", { units: 1 })), [1]);
    const params = training({
      loss: MSE,
      optimizer: { adam: complete("optimizers", "adam", { learningRate: 0.1 }) },
      epochs: 60,
      batchSize: 8,
      validation: false,
    });
    const { weights } = unwrap(await train(await engineOf("wasm"), { model, dataset, params, seed: 1 }));
    const [kernel, bias] = values(weights);
    expect(kernel?.[0]).toBeCloseTo(3, 1);
    expect(bias?.[0]).toBeCloseTo(1, 1);
  });
});

describe("learning rates", () => {
  it("follow the schedule, step by step", async () => {
    const schedule = {
      // biome-ignore lint/suspicious/noThenProperty: the word that YAML uses
      warmup: { epochs: 1, from: 0.1, then: { step: { every: 1, factor: 0.5 } } },
    } as TrainStage["schedule"];
    const { history } = unwrap(await classify({ epochs: 3, schedule }));
    const lastOfWarmup = 0.1 + 0.9 * (6 / 7);
    for (const [i, factor] of [lastOfWarmup, 1, 0.5].entries()) {
      expect(history.learningRate[i]).toBeCloseTo(0.01 * factor, 10);
    }
  });
});

describe("early stopping", () => {
  const worse = { sgd: complete("optimizers", "sgd", { learningRate: 30 }) } as TrainStage["optimizer"];
  const rule = { patience: 2, metric: "loss", minDelta: 0, restoreBest: true };

  it("takes the most of an accuracy, of the only output or of one by its name, and the least of a loss", () => {
    const best = (metric: string) =>
      standing(
        [0.5, 0.9, 0.2].map((value) => ({ test: { [metric]: value } })),
        "test",
        { metric, minDelta: 0 },
      ).bestEpoch;
    expect(["accuracy", "digit.accuracy", "loss", "digit.loss", "inaccuracy"].map(best)).toEqual([2, 2, 3, 3, 3]);
  });

  it("ends when nothing gets better, with the weights of the best epoch", async () => {
    // One label is wrong: the surer the model, the more it costs.
    const data = blobs(50);
    storedValues(labelsIn(data, "test"))[0] = 1;
    const ended: TrainingEnd[] = [];
    const { history, weights } = unwrap(
      await classify(
        { optimizer: worse, epochs: 40, earlyStopping: rule },
        { data, hooks: { ended: (end) => ended.push(end) } },
      ),
    );
    const losses = history.splits.test?.loss as number[];
    expect(history.epochs).toBeLessThan(40);
    expect(history.epochs).toBe(history.bestEpoch + 2);
    expect(losses.indexOf(Math.min(...losses))).toBe(history.bestEpoch - 1);
    expect(history.stopped).toContain(`epoch ${history.bestEpoch}`);
    expect(weights.epoch).toBe(history.bestEpoch);
    expect(history).toMatchObject({ planned: 40, kept: history.bestEpoch, chosenBy: { split: "test", ...rule } });
    expect(ended).toEqual([
      {
        epoch: history.epochs,
        epochs: 40,
        kept: history.bestEpoch,
        chosenBy: { split: "test", metric: "loss" },
        stopped: history.stopped,
      },
    ]);
    const short = unwrap(await classify({ optimizer: worse, epochs: history.bestEpoch }, { data }));
    expect(values(weights)).toEqual(values(short.weights));
  });

  it("keeps the last weights if so wished", async () => {
    const earlyStopping = { ...rule, restoreBest: false };
    const { history, weights } = unwrap(await classify({ optimizer: worse, epochs: 40, earlyStopping }));
    expect(weights.epoch).toBe(history.epochs);
    expect(history).toMatchObject({ kept: history.epochs, chosenBy: { restoreBest: false } });
  });

  it("is said to have chosen nothing where it is not asked for", async () => {
    const ended: TrainingEnd[] = [];
    const { history } = unwrap(await classify({ epochs: 2 }, { hooks: { ended: (end) => ended.push(end) } }));
    expect(history).toMatchObject({ planned: 2, kept: 2 });
    expect(history.chosenBy).toBeUndefined();
    expect(ended).toEqual([]);
  });

  it("takes more accuracy for better", async () => {
    const earlyStopping = { ...rule, metric: "accuracy", patience: 3 };
    const { history, weights } = unwrap(await classify({ epochs: 40, earlyStopping }));
    const accuracies = history.splits.test?.accuracy as number[];
    expect(accuracies[weights.epoch - 1]).toBe(Math.max(...accuracies));
  });

  it("refuses a metric that is not measured", async () => {
    const result = await classify({ earlyStopping: { ...rule, metric: "kl" } });
    expect(result).toMatchObject({
      ok: false,
      error: [{ code: "unknown-metric", path: ["earlyStopping", "metric"], expected: "loss, accuracy" }],
    });
  });
});

describe("a share of train that is held out", () => {
  const held = async (validation: TrainStage["validation"], seed = 1) =>
    unwrap(await classify({ validation, epochs: 2 }, { data: blobs(40), seed }));

  it("is measured, and not trained on", async () => {
    const { history } = await held(0.25);
    expect(Object.keys(history.splits)).toEqual(["train", "validation"]);
    // 30 items in batches of 8.
    expect(history.stepsPerEpoch).toBe(4);
    expect(history.splits.validation?.loss).toHaveLength(2);
  });

  it("follows from the seed alone, however it is written", async () => {
    const [first, again, mapping, other] = [
      await held(0.25),
      await held(0.25),
      await held({ fraction: 0.25 }),
      await held(0.25, 2),
    ];
    expect(again.history).toEqual(first.history);
    expect(mapping.history).toEqual(first.history);
    expect(other.history.splits.validation).not.toEqual(first.history.splits.validation);
  });

  it("has each item once, in the order of the split, with its label", () => {
    const items = 50;
    const split = {
      x: tensorOf(
        "uint8",
        [items, 2],
        Uint8Array.from({ length: 2 * items }, (_, i) => i),
        { scale: 0.5, offset: 1 },
      ),
      y: tensorOf(
        "uint8",
        [items],
        Uint8Array.from({ length: items }, (_, i) => i),
      ),
    };
    const columns = itemsOf(split);
    const parts = holdOut(columns, 0.3, 7) as HeldOut;
    const kinds = dataKinds(columns);
    const fed = [parts.train, parts.heldOut].map((part) => {
      const count = countOf(part);
      return new Feed(part, kinds, [], count).fill(null, 0, count, { seed: 1, path: [] });
    });
    const labels = fed.map(({ y }) => [...(y as Int32Array)]);
    expect(labels.map((part) => part.length)).toEqual([35, 15]);
    expect(labels.flat().toSorted((a, b) => a - b)).toEqual([...storedValues(split.y)]);
    for (const [i, { x }] of fed.entries()) {
      expect(labels[i]).toEqual(labels[i]?.toSorted((a, b) => a - b));
      expect([...(x as Uint8Array)]).toEqual(labels[i]?.flatMap((label) => [2 * label, 2 * label + 1]));
    }
  });

  it("chooses for early stopping", async () => {
    const earlyStopping = { patience: 1, metric: "loss", minDelta: 10, restoreBest: true };
    const { history } = unwrap(await classify({ validation: 0.2, epochs: 9, earlyStopping }));
    expect(history).toMatchObject({ epochs: 2, kept: 1, chosenBy: { split: "validation" } });
    expect(history.stopped).toContain("loss of validation was best in epoch 1");
  });

  it("must leave items on both sides", async () => {
    for (const validation of [0.001, 0.999]) {
      expect(await classify({ validation })).toMatchObject({ error: [{ code: "out-of-range", path: ["validation"] }] });
    }
  });
});

describe("targets that binary crossentropy is not made for", () => {
  const scaled = (data: Dataset, split: string, scale: number): Dataset => {
    // One scale holds for all splits: the others get smaller bytes, and so keep their values.
    const smaller = ({ x, y }: Arrays): Arrays => {
      const bytes = storedValues(x).map((value) => Math.floor((value * x.scale) / scale)) as Uint8Array;
      return { x: tensorOf("uint8", x.shape, bytes, { scale }), y };
    };
    const splits = Object.entries(arraysOf(data).splits).map(([name, arrays]) => {
      return [name, name === split ? { ...arrays, x: { ...arrays.x, scale } } : smaller(arrays)] as const;
    });
    return edited(data, { splits: Object.fromEntries(splits) });
  };
  const task = async (dataset: Dataset, loss: TrainStage["loss"] = VAE_LOSS) => ({
    model: await modelOf(vaeOf(6, 4), [6]),
    dataset,
    params: training({ loss, optimizer: ADAM, batchSize: 10, epochs: 1 }),
    seed: 1,
  });

  it("are refused in the split that is trained on", async () => {
    const result = await train(await engineOf("cpu"), await task(scaled(DATA, "train", 1 / 200)));
    expect(result).toMatchObject({
      error: [
        { code: "values-out-of-range", severity: "error", path: ["loss"], received: expect.stringMatching(/to 1.2/) },
      ],
    });
  });

  it("are told of in a split that is measured, which keeps the word", async () => {
    const told: Diagnostic[] = [];
    const wide = await task(scaled(DATA, "test", 1 / 200));
    const engine = await engineOf("cpu");
    const { weights } = unwrap(await train(engine, wide, { warn: (diagnostic) => told.push(diagnostic) }));
    expect(told).toMatchObject([{ code: "values-out-of-range", severity: "warning" }]);
    expect(told[0]?.message).toContain("split test");
    const params = { splits: ["train", "test"] };
    const { metrics, warnings } = unwrap(await evaluate(engine, { ...wide, weights, params }));
    expect(warnings).toHaveLength(1);
    expect(Object.keys(metrics.cautions ?? {})).toEqual(["test"]);
  });

  it("are no matter to a distance", async () => {
    const wide = await task(scaled(DATA, "train", 1 / 200), { reconstruction: MSE, kl: 1 });
    expect(await train(await engineOf("cpu"), wide)).toMatchObject({ ok: true });
  });
});

describe("class weights", () => {
  it("of 0 hide a class", async () => {
    const balanced = unwrap(await classify({ epochs: 15 }));
    const hidden = unwrap(await classify({ epochs: 15, classWeights: [1, 1, 0] }));
    const accuracy = (history: typeof hidden.history) => history.splits.test?.accuracy?.at(-1) as number;
    expect(accuracy(balanced.history)).toBe(1);
    expect(accuracy(hidden.history)).toBeLessThan(0.75);
  });

  it("that are balanced change nothing where the classes are", async () => {
    const data = blobs(48);
    const plain = unwrap(await classify({}, { data }));
    const balanced = unwrap(await classify({ classWeights: "balanced" }, { data }));
    expect(values(balanced.weights)).toEqual(values(plain.weights));
  });

  it("that are balanced leave out classes that do not occur", async () => {
    const zeros = { kernelInitializer: { zeros: {} } } as const;
    const model = await modelOf(
      sequentialOf(layer("flatten"), layer("dense", { units: 3, activation: "softmax", ...zeros })),
      [1, 1],
    );
    const x = tensorOf("uint8", [100, 1, 1], new Uint8Array(100).fill(1));
    const labels = Uint8Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : 1));
    const split = { x, y: tensorOf("uint8", [100], labels) };
    const dataset = edited(DATA, { classes: ["a", "b", "c"], splits: { train: split, test: split } });
    const params = training({
      loss: CROSSENTROPY,
      optimizer: STILL,
      batchSize: 100,
      epochs: 1,
      classWeights: "balanced",
    });
    const { history } = unwrap(await train(await engineOf("cpu"), { model, dataset, params, seed: 1 }));
    // 90 items of weight 100 / (2 · 90) and 10 of weight 100 / (2 · 10): the mean weight is 1, each loss ln 3.
    expect(history.splits.train?.loss).toEqual([expect.closeTo(Math.log(3), 6)]);
  });

  it("must be as many as the classes", async () => {
    expect(await classify({ classWeights: [1, 2] })).toMatchObject({
      error: [{ code: "wrong-length", path: ["classWeights"], expected: "3 numbers" }],
    });
  });
});

describe("a loss that is no number", () => {
  const told = (measured: Record<string, number>) => notFinite(measured, 2, { step: 5 }).message;

  it.each([
    [
      { loss: Infinity, reconstruction: 9.5, kl: Infinity },
      "infinite",
      ": the KL divergence overflowed first, the reconstruction error was 9.5",
    ],
    [
      { loss: Number.NaN, reconstruction: Number.NaN, kl: 3 },
      "NaN",
      ": the reconstruction error overflowed first, the KL divergence was 3",
    ],
    [{ loss: Number.NaN, reconstruction: Number.NaN, kl: Infinity }, "NaN", ": the KL divergence overflowed first"],
    [
      { loss: Number.NaN, reconstruction: Number.NaN, kl: Number.NaN },
      "NaN",
      ": all its parts at once, so the weights were not finite any more",
    ],
    [{ loss: Infinity, reconstruction: Infinity }, "infinite", ""],
    [{ loss: Infinity, accuracy: 0.1 }, "infinite", ""],
  ])("names the part of it that overflowed: %j", (measured, what, culprit) => {
    expect(told(measured)).toBe(`the loss became ${what} in epoch 2, step 5${culprit}`);
  });

  it("names the split that was measured", () => {
    expect(notFinite({ loss: Number.NaN }, 3, { split: "test" }).message).toBe(
      "the loss on the split test is NaN after epoch 3",
    );
  });

  it("is told of with its part when a variational autoencoder diverges", async () => {
    const model = await modelOf(vaeOf(6, 4, { noise: 1, scale: "exp-half" }), [6]);
    const sgd = { sgd: complete("optimizers", "sgd", { learningRate: 50 }) } as TrainStage["optimizer"];
    const params = training({ loss: VAE_LOSS, optimizer: sgd, batchSize: 10, epochs: 9 });
    const result = await train(await engineOf("cpu"), { model, dataset: DATA, params, seed: 1 });
    expect(result).toMatchObject({ ok: false, error: [{ code: "loss-not-finite" }] });
    expect(JSON.stringify(result)).toMatch(/in epoch \d+, step \d+: the KL divergence overflowed first/);
  });
});

describe("what cannot be trained", () => {
  const rate = { sgd: complete("optimizers", "sgd", { learningRate: 1e30 }) } as TrainStage["optimizer"];

  it("stops at a loss that is no number, and says where", async () => {
    const hidden = [layer("dense", { units: 8, activation: "relu" })];
    expect(await classify({ optimizer: rate, loss: MSE }, { hidden })).toMatchObject({
      ok: false,
      error: [
        {
          code: "loss-not-finite",
          message: expect.stringMatching(/^the loss became (NaN|infinite) in epoch 1, step \d+$/),
          fix: expect.stringContaining("learning rate"),
        },
      ],
    });
  });

  it("needs an embedding that knows all numbers of the data", async () => {
    const classifyWords = async (inputDim: number, numbers: object) => {
      const hidden = [
        layer("reshape", { targetShape: [6] }),
        layer("embedding", { inputDim, outputDim: 2 }),
        layer("flatten"),
      ];
      const scaled = withColumn(DATA, { ...inputColumn(DATA), ...numbers });
      const result = await classify({ validation: false }, { hidden, data: scaled, engine: "cpu" });
      return result.ok ? [] : result.error.map(({ message, layer }) => `${layer}: ${message}`);
    };
    expect(await classifyWords(256, { scale: 1 })).toEqual([]);
    const [large] = await classifyWords(50, { scale: 1 });
    expect(large).toMatch(/^model\/embedding: model\/embedding takes whole numbers below 50, the data go up to 2\d\d$/);
    const [low] = await classifyWords(256, { scale: 1, offset: -100 });
    expect(low).toMatch(/takes whole numbers below 256, the data go down to -\d+$/);
    const [broken] = await classifyWords(256, { scale: 1 / 255 });
    expect(broken).toMatch(/takes whole numbers below 256, the data have 0\.\d+$/);
  });

  it("needs the splits, labels within range, and a loss that fits", async () => {
    expect(await classify({ validation: "dev" })).toMatchObject({
      error: [{ code: "unknown-split", path: ["validation"], expected: "train, test" }],
    });
    const { x } = splitOf(DATA, "train");
    const unlabelled = edited(DATA, { classes: null, splits: { train: { x, y: null } } });
    expect(await classify({ validation: false }, { data: unlabelled })).toMatchObject({
      error: [{ code: "labels-missing" }],
    });
    expect(await classify({}, { data: blobs(50, 6, 5) })).toMatchObject({
      error: [{ code: "label-out-of-range" }, { code: "label-out-of-range" }],
    });
    expect(await classify({ loss: VAE_LOSS })).toMatchObject({
      error: [
        { code: "wrong-loss", path: ["loss", "reconstruction"] },
        { code: "wrong-loss", path: ["loss"] },
      ],
    });
  });
});

describe("weights to begin with", () => {
  const hidden = [layer("dense", { units: 4, activation: "relu" })];
  const begin = (weights: Weights, more: Partial<InitialWeights> = {}) => ({
    weights,
    rename: {},
    partial: false,
    ...more,
  });

  it.each<EngineName>(["cpu", "wasm", "onnx"])("take the place of new ones on %s", async (engine) => {
    const first = unwrap(await classify({ epochs: 2 }, { hidden, engine }));
    const still = { hidden, engine, seed: 9, initial: begin(first.weights) };
    const second = unwrap(await classify({ epochs: 1, optimizer: STILL }, still));
    const [before, after] = [first, second].map((each) => values(each.weights).flat());
    expect(after).toHaveLength(before?.length as number);
    for (const [at, value] of (before ?? []).entries()) expect(after?.[at]).toBeCloseTo(value, 6);
    // What is measured after an epoch that changes nothing is what was measured before it.
    expect(second.history.splits.test?.loss?.[0]).toBeCloseTo(first.history.splits.test?.loss?.[1] as number, 5);
  });

  it("are found by other names, and begin anew where that is asked for", async () => {
    const first = unwrap(await classify({ epochs: 1 }, { hidden }));
    const renamed = {
      ...first.weights,
      tensors: first.weights.tensors.map(({ name, tensor }) => ({
        name: name.replace("model/dense_1", "head.out").replace("model/dense", "body.0"),
        tensor,
      })),
    };
    const still = (initial: InitialWeights, seed = 1) =>
      classify({ epochs: 1, optimizer: STILL }, { hidden, seed, initial });
    const rename = { "body.0": "model/dense", "head.out": "model/dense_1" };
    const all = unwrap(await still(begin(renamed, { rename }), 5));
    expect(values(all.weights)[0]?.[0]).toBeCloseTo(values(first.weights)[0]?.[0] as number, 6);

    const [body] = Object.entries(rename);
    const half = unwrap(
      await still(begin(renamed, { rename: Object.fromEntries([body as [string, string]]), partial: true }), 5),
    );
    const anew = unwrap(await classify({ epochs: 1, optimizer: STILL }, { hidden, seed: 5 }));
    expect(values(half.weights)[1]?.[0]).toBeCloseTo(values(first.weights)[1]?.[0] as number, 6);
    expect(values(half.weights)[2]?.[0]).toBeCloseTo(values(anew.weights)[2]?.[0] as number, 6);
  });

  it("are refused where they do not fit, with what there is and what was wanted", async () => {
    const { weights } = unwrap(await classify({ epochs: 1 }));
    const refused = async (initial: InitialWeights) => {
      const result = await classify({ epochs: 1 }, { hidden, initial });
      return result.ok ? [] : result.error;
    };
    expect(await refused(begin(weights))).toMatchObject([
      {
        code: "wrong-weights",
        path: ["initialWeights"],
        message: "none of the weights given fits the model",
        received: expect.stringContaining("model/dense/kernel is [6, 3], not [6, 4]"),
      },
    ]);
    const [kernel, bias] = weights.tensors as [Weights["tensors"][number], Weights["tensors"][number]];
    const bodies = {
      ...weights,
      tensors: [
        { ...kernel, name: "model/dense_1/kernel" },
        { ...bias, name: "model/dense_1/bias" },
      ],
    };
    expect(await refused(begin(bodies))).toMatchObject([
      { message: "1 of the model's 4 weights are among those given", fix: expect.stringContaining("partial: true") },
    ]);
    const twice = { ...weights, tensors: [kernel, { ...kernel, name: "model_dense.kernel" }] };
    expect(await refused(begin(twice))).toMatchObject([{ message: expect.stringContaining("called alike") }]);
    const renamed = weights.tensors.map((each) => ({ ...each, name: each.name.replace("model/dense", "old.body") }));
    expect(
      await refused(begin({ ...weights, tensors: renamed }, { rename: { "old.body": "model.dense" } })),
    ).toMatchObject([{ received: expect.stringContaining("model/dense/kernel is [6, 3], not [6, 4]") }]);
    const odd = tensorOf("float32", [6, 4], new Float32Array(24).fill(Number.NEGATIVE_INFINITY));
    const infinite = { ...weights, tensors: [{ ...kernel, tensor: odd }] };
    expect(await refused(begin(infinite, { partial: true }))).toMatchObject([
      { message: "the weights given for model/dense/kernel hold values that are not finite" },
    ]);
    expect(await refused(begin({ ...weights, tensors: renamed }, { rename: { old: "model" } }))).toMatchObject([
      { message: "none of the weights given fits the model" },
    ]);
    expect(await refused(begin({ ...weights, tensors: renamed }, { rename: { odl: "model" } }))).toMatchObject([
      { message: "no weights that are given begin with `odl`", expected: expect.stringContaining("old, old.body") },
    ]);
    expect(await refused(begin(weights, { rename: { modle: "model" } }))).toMatchObject([
      {
        path: ["initialWeights", "rename", "modle"],
        expected: expect.stringContaining("model, model/dense"),
      },
    ]);
  });

  it("are warned of where they have another shape, and begin anew", async () => {
    const { weights } = unwrap(await classify({ epochs: 1 }));
    const [kernel] = weights.tensors as [Weights["tensors"][number]];
    const mixed = {
      ...weights,
      tensors: [{ name: "model/dense/bias", tensor: tensorOf("float32", [4], new Float32Array(4)) }, kernel],
    };
    const warnings: Diagnostic[] = [];
    const hooks = { warn: (diagnostic: Diagnostic) => void warnings.push(diagnostic) };
    unwrap(await classify({ epochs: 1 }, { hidden, hooks, initial: begin(mixed, { partial: true }) }));
    expect(warnings).toMatchObject([
      { code: "weights-begin-anew", severity: "warning", message: expect.stringContaining("model/dense/kernel") },
    ]);
  });

  it("must be those of the model that is measured", async () => {
    const { weights } = unwrap(await classify({ epochs: 1 }));
    const model = await modelOf(sequentialOf(...hidden, layer("dense", { units: 3, activation: "softmax" })), [6]);
    const params = { splits: ["test"] } as never;
    const measured = await evaluate(await engineOf("cpu"), { model, dataset: DATA, weights, params, seed: 1 });
    expect(measured.ok ? [] : measured.error).toMatchObject([
      { code: "wrong-weights", message: expect.stringContaining("the weights are not this model's") },
    ]);
  });
});
