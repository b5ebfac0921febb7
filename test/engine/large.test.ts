/**
 * What is larger than memory may hold: the limits are so low here that everything but labels counts for large, and putting a whole
 * split together is an error.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchArtifact, keepBytes, storeArtifact } from "../../src/artifact/io.js";
import { memory, withScratch } from "../../src/artifact/scratch.js";
import { bytesInParts, partsOf, storedParts, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Predictions } from "../../src/artifact/types.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import { evaluate, train } from "../../src/engine/index.js";
import { collectFigures, defaultCharts } from "../../src/report/collect.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { datasetOfArrays, splitOf } from "../datasets.js";
import { ADAM, engineOf, modelOf, training, unwrap, VAE_LOSS, vaeOf } from "./support.js";

const ITEMS = 300;
const SIZE = 64;
const PER_CHUNK = 32;

const usual = { ...memory };
const folder = mkdtempSync(join(tmpdir(), "pipe-large-"));
beforeAll(() => {
  memory.heldBytes = 4 * PER_CHUNK * SIZE;
  memory.joinedBytes = 4 * PER_CHUNK * SIZE;
});
afterAll(() => {
  Object.assign(memory, usual);
  rmSync(folder, { recursive: true });
});

/** Bytes in chunks that only a store holds. */
function stored(store: MemoryStore, items: number, seed: number): Tensor {
  const parts = Array.from({ length: Math.ceil(items / PER_CHUNK) }, (_, c) => {
    const count = Math.min(PER_CHUNK, items - c * PER_CHUNK);
    return keepBytes(
      store,
      Uint8Array.from({ length: count * SIZE }, (_, i) => ((i * 37 + c * 11 + seed) % 23) * 11),
    );
  });
  const shape = [items, SIZE];
  return { ...tensorOf("uint8", shape, new Uint8Array()), scale: 1 / 255, bytes: bytesInParts(parts) };
}

function data(store: MemoryStore): Dataset {
  const splits = Object.fromEntries(
    [ITEMS, ITEMS + 5].map((items, i) => {
      const y = tensorOf(
        "uint8",
        [items],
        Uint8Array.from({ length: items }, (_, k) => k % 3),
      );
      return [i === 0 ? "train" : "test", { x: stored(store, items, i), y }];
    }),
  );
  const { digest } = storeArtifact(
    store,
    "dataset",
    datasetOfArrays({ name: "large", classes: ["a", "b", "c"], splits }),
  );
  return fetchArtifact(store, "dataset", digest);
}

/** The same data in memory as a whole. */
function held(dataset: Dataset): Dataset {
  const splits = Object.fromEntries(
    Object.keys(dataset.splits).map((name) => {
      const { x, y } = splitOf(dataset, name);
      const bytes = Buffer.concat([...storedParts(x)].map((part) => part as Uint8Array));
      return [name, { x: { ...x, bytes: tensorOf("uint8", [bytes.length], new Uint8Array(bytes)).bytes }, y }];
    }),
  );
  return datasetOfArrays({ name: "large", classes: ["a", "b", "c"], splits });
}

async function run(dataset: Dataset) {
  const engine = await engineOf("cpu");
  const model = await modelOf(vaeOf(SIZE, 4), [SIZE]);
  const params = training({ loss: VAE_LOSS, optimizer: ADAM, batchSize: 40, epochs: 2, validation: 0.2 });
  const { weights, history } = unwrap(await train(engine, { model, dataset, params, seed: 3 }));
  const { metrics, predictions } = unwrap(
    await evaluate(engine, { model, dataset, weights, params: { splits: ["train", "test"] }, seed: 3 }),
  );
  return { artifacts: { model, dataset, weights, history, metrics, predictions }, history, metrics, predictions };
}

const bytesOf = (tensor: Tensor | undefined) =>
  Buffer.concat(partsOf((tensor as Tensor).bytes).map((part) => part.read()));

describe("a split that can be held", () => {
  it("is fetched from the store once by each stage, however many go through it", async () => {
    Object.assign(memory, usual);
    const store = new MemoryStore();
    const dataset = data(store);
    const { digest } = storeArtifact(store, "dataset", dataset);
    const again = () => fetchArtifact(store, "dataset", digest);
    const chunks = Object.keys(dataset.splits).flatMap((name) => partsOf(splitOf(dataset, name).x.bytes)).length;
    const labels = 2;
    store.reads = 0;
    const { artifacts } = await run(dataset);
    expect(store.reads).toBeLessThanOrEqual(chunks + labels);
    store.reads = 0;
    await collectFigures(defaultCharts(), { artifacts: { ...artifacts, dataset: again() }, seed: 3 });
    expect(store.reads).toBeLessThanOrEqual(chunks + labels);
    memory.heldBytes = 4 * PER_CHUNK * SIZE;
    memory.joinedBytes = 4 * PER_CHUNK * SIZE;
  });
});

describe("a split that is too large to be held", () => {
  it("is trained on, measured, predicted and drawn with the same bits as one that is held", async () => {
    await withScratch(folder, async () => {
      const store = new MemoryStore();
      const large = await run(data(store));
      const figures = await collectFigures(defaultCharts(), { artifacts: large.artifacts, seed: 3 });
      const output = storeArtifact(store, "predictions", large.predictions);
      const back: Predictions = fetchArtifact(store, "predictions", output.digest);
      expect(partsOf((back.reconstruction as Tensor).bytes).length).toBeGreaterThanOrEqual(1);
      const found = { history: large.history, metrics: large.metrics, rebuilt: bytesOf(back.reconstruction) };
      Object.assign(memory, usual);
      const small = await run(held(large.artifacts.dataset));
      const drawn = await collectFigures(defaultCharts(), { artifacts: small.artifacts, seed: 3 });
      expect(found).toEqual({
        history: small.history,
        metrics: small.metrics,
        rebuilt: bytesOf(small.predictions.reconstruction),
      });
      expect(figures).toEqual(drawn);
      memory.heldBytes = 4 * PER_CHUNK * SIZE;
      memory.joinedBytes = 4 * PER_CHUNK * SIZE;
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is refused where it would be put together, and found damaged where a chunk is", async () => {
    await withScratch(folder, async () => {
      const store = new MemoryStore();
      const dataset = data(store);
      expect(() => splitOf(dataset, "train").x.bytes.load()).toThrow("more than one array may hold");
      const [first] = partsOf(splitOf(dataset, "train").x.bytes);
      store.blobs.delete(first?.digest as string);
      await expect(run(dataset)).rejects.toThrow(DamagedEntry);
    });
  });
});
