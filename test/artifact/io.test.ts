import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codecs } from "../../src/artifact/codecs/index.js";
import { inputColumn, inputOf, withColumn } from "../../src/artifact/columns.js";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { ArtifactKind, Dataset, History, Metrics } from "../../src/artifact/types.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import { NewerEntry } from "../../src/base/newer-entry.js";
import { datasetOfArrays, splitOf } from "../datasets.js";
import { arbitraries } from "./arbitraries.js";
import { MemoryStore } from "./memory-store.js";

/** Data that compares by content: every byte string loaded, every getter and prototype gone, the order of keys kept. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("load" in value && typeof value.load === "function") return plain(value.load());
  return Object.entries(value).map(([key, item]) => [key, plain(item)]);
}

/** Where the order of keys means nothing, and canonical JSON sorts them. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map(sorted);
  const isEntries = items.every((item) => Array.isArray(item) && item.length === 2 && typeof item[0] === "string");
  return isEntries ? items.sort((a, b) => ((a as [string])[0] < (b as [string])[0] ? -1 : 1)) : items;
}

const images = (seed: number): Dataset =>
  datasetOfArrays({
    name: "tiny",
    classes: null,
    splits: { train: { x: tensorOf("uint8", [2, 3, 3], new Uint8Array(18).fill(seed)), y: null } },
  });

describe.each(Object.keys(codecs) as ArtifactKind[])("%s", (kind) => {
  test("what is fetched is what was stored, and has the same name when stored again", () => {
    fc.assert(
      fc.property(arbitraries[kind] as fc.Arbitrary<never>, (value) => {
        const store = new MemoryStore();
        const output = storeArtifact(store, kind, value);
        const back = fetchArtifact(store, kind, output.digest);
        expect(sorted(plain(back))).toEqual(sorted(plain(value)));
        expect(storeArtifact(store, kind, back as never)).toEqual(output);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

test("the order of splits and metrics survives", () => {
  const store = new MemoryStore();
  const metrics: Metrics = { splits: { train: { loss: 3, kl: 1 }, aside: { loss: 2, kl: 0 } }, about: {} };
  const back = fetchArtifact(store, "metrics", storeArtifact(store, "metrics", metrics).digest);
  expect(Object.keys(back.splits)).toEqual(["train", "aside"]);
  expect(Object.keys(back.splits.train as object)).toEqual(["loss", "kl"]);
});

test("another shape and scale for the same bytes costs no read and no hash", () => {
  const store = new MemoryStore();
  const loaded = fetchArtifact(store, "dataset", storeArtifact(store, "dataset", images(7)).digest);
  const flat = withColumn(loaded, { ...inputColumn(loaded), shape: [9], scale: 1 / 255 });
  store.puts = store.reads = 0;
  const output = storeArtifact(store, "dataset", flat);
  expect([store.puts, store.reads, store.blobs.size]).toEqual([0, 0, 1]);
  expect(inputOf(fetchArtifact(store, "dataset", output.digest), "train")?.shape).toEqual([2, 9]);
});

test("bytes from one store are copied when they are stored in another", () => {
  const [from, to] = [new MemoryStore(), new MemoryStore()];
  const loaded = fetchArtifact(from, "dataset", storeArtifact(from, "dataset", images(7)).digest);
  const output = storeArtifact(to, "dataset", loaded);
  expect(sorted(plain(fetchArtifact(to, "dataset", output.digest)))).toEqual(sorted(plain(images(7))));
});

test("byte strings are read at their first use and once", () => {
  const store = new MemoryStore();
  const { digest } = storeArtifact(store, "dataset", images(7));
  const dataset = fetchArtifact(store, "dataset", digest);
  expect(store.reads).toBe(0);
  splitOf(dataset, "train").x.bytes.load();
  splitOf(dataset, "train").x.bytes.load();
  expect(store.reads).toBe(1);
});

test("images of charts are read when somebody looks", () => {
  const store = new MemoryStore();
  const chart = { id: "a", kind: "grid", options: {}, data: null, images: { one: new Uint8Array([1]) } };
  const { digest } = storeArtifact(store, "figures", { charts: [chart] });
  const back = fetchArtifact(store, "figures", digest);
  expect(store.reads).toBe(0);
  expect(back.charts[0]?.images.one).toEqual(new Uint8Array([1]));
});

test("the size counts byte strings and description", () => {
  const { bytes } = storeArtifact(new MemoryStore(), "report", { html: new Uint8Array(1000) });
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThan(1300);
});

test("a number that JSON cannot hold is refused by name", () => {
  const store = new MemoryStore();
  const metrics: Metrics = { splits: { test: { loss: Number.NaN } }, about: {} };
  expect(() => storeArtifact(store, "metrics", metrics)).toThrow(
    "test loss is NaN: an artifact holds finite numbers or null",
  );
  const history = { splits: { train: { kl: [1, Number.POSITIVE_INFINITY] } } } as unknown as History;
  expect(() => storeArtifact(store, "history", history)).toThrow("train kl of epoch 2 is Infinity");
});

test("a tensor whose bytes do not fit its shape is refused", () => {
  const x = tensorOf("float32", [3], new Float32Array(2));
  const weights = { tensors: [{ name: "dense/kernel", tensor: x }], epoch: 1, loss: {} };
  expect(() => storeArtifact(new MemoryStore(), "weights", weights)).toThrow(
    "tensor dense/kernel: float32 [3] needs 12 bytes, not 8",
  );
});

test("two weights of one name are refused", () => {
  const tensor = tensorOf("float32", [1], new Float32Array(1));
  const tensors = [tensor, tensor].map((each) => ({ name: "dense/bias", tensor: each }));
  expect(() => storeArtifact(new MemoryStore(), "weights", { tensors, epoch: 1, loss: {} })).toThrow("dense/bias");
});

test("asking for another kind is a bug", () => {
  const store = new MemoryStore();
  const { digest } = storeArtifact(store, "report", { html: new Uint8Array(1) });
  expect(() => fetchArtifact(store, "weights", digest)).toThrow("is of kind report, not weights");
});

test("a format that is not known yet is newer, one that never was is damage", () => {
  const store = new MemoryStore();
  const { digest } = storeArtifact(store, "report", { html: new Uint8Array(1) });
  const written = (codec: number) => store.putManifest({ ...store.readManifest(digest), codec });
  const newer = written(99);
  expect(() => fetchArtifact(store, "report", newer)).toThrow(
    new NewerEntry(newer, "report", 99, codecs.report.version),
  );
  for (const never of [0, -1, 0.5]) expect(() => fetchArtifact(store, "report", written(never))).toThrow(DamagedEntry);
});

test.each(Object.entries(codecs))("%s: a decoder of every version before this one is kept", (_, codec) => {
  const before = Array.from({ length: codec.version - 1 }, (_, i) => `${i + 1}`);
  expect(Object.keys(codec.older ?? {})).toEqual(before);
});
