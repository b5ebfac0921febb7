import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codecs } from "../../src/artifact/codecs/index.js";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { ArtifactKind, Dataset, History, Metrics, Split } from "../../src/artifact/types.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import { arbitraries } from "./arbitraries.js";
import { MemoryShelf } from "./memory-shelf.js";

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

const images = (seed: number): Dataset => ({
  name: "tiny",
  classes: null,
  splits: { train: { x: tensorOf("uint8", [2, 3, 3], new Uint8Array(18).fill(seed)), y: null } },
  sources: [],
  steps: [],
});

describe.each(Object.keys(codecs) as ArtifactKind[])("%s", (kind) => {
  test("what is fetched is what was stored, and has the same name when stored again", () => {
    fc.assert(
      fc.property(arbitraries[kind] as fc.Arbitrary<never>, (value) => {
        const shelf = new MemoryShelf();
        const output = storeArtifact(shelf, kind, value);
        const back = fetchArtifact(shelf, kind, output.digest);
        expect(sorted(plain(back))).toEqual(sorted(plain(value)));
        expect(storeArtifact(shelf, kind, back as never)).toEqual(output);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

test("the order of splits and metrics survives", () => {
  const shelf = new MemoryShelf();
  const metrics: Metrics = { splits: { train: { loss: 3, kl: 1 }, aside: { loss: 2, kl: 0 } }, about: {} };
  const back = fetchArtifact(shelf, "metrics", storeArtifact(shelf, "metrics", metrics).digest);
  expect(Object.keys(back.splits)).toEqual(["train", "aside"]);
  expect(Object.keys(back.splits.train as object)).toEqual(["loss", "kl"]);
});

test("another shape and scale for the same bytes costs no read and no hash", () => {
  const shelf = new MemoryShelf();
  const loaded = fetchArtifact(shelf, "dataset", storeArtifact(shelf, "dataset", images(7)).digest);
  const { x } = loaded.splits.train as Split;
  const flat: Dataset = { ...loaded, splits: { train: { x: { ...x, shape: [2, 9], scale: 1 / 255 }, y: null } } };
  shelf.puts = shelf.reads = 0;
  const output = storeArtifact(shelf, "dataset", flat);
  expect([shelf.puts, shelf.reads, shelf.blobs.size]).toEqual([0, 0, 1]);
  expect(fetchArtifact(shelf, "dataset", output.digest).splits.train?.x.shape).toEqual([2, 9]);
});

test("bytes from one store are copied when they are stored in another", () => {
  const [from, to] = [new MemoryShelf(), new MemoryShelf()];
  const loaded = fetchArtifact(from, "dataset", storeArtifact(from, "dataset", images(7)).digest);
  const output = storeArtifact(to, "dataset", loaded);
  expect(plain(fetchArtifact(to, "dataset", output.digest))).toEqual(plain(images(7)));
});

test("byte strings are read at their first use and once", () => {
  const shelf = new MemoryShelf();
  const { digest } = storeArtifact(shelf, "dataset", images(7));
  const dataset = fetchArtifact(shelf, "dataset", digest);
  expect(shelf.reads).toBe(0);
  dataset.splits.train?.x.bytes.load();
  dataset.splits.train?.x.bytes.load();
  expect(shelf.reads).toBe(1);
});

test("images of charts are read when somebody looks", () => {
  const shelf = new MemoryShelf();
  const chart = { id: "a", kind: "grid", options: {}, data: null, images: { one: new Uint8Array([1]) } };
  const { digest } = storeArtifact(shelf, "figures", { charts: [chart] });
  const back = fetchArtifact(shelf, "figures", digest);
  expect(shelf.reads).toBe(0);
  expect(back.charts[0]?.images.one).toEqual(new Uint8Array([1]));
});

test("the size counts byte strings and description", () => {
  const { bytes } = storeArtifact(new MemoryShelf(), "report", { html: new Uint8Array(1000) });
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThan(1300);
});

test("a number that JSON cannot hold is refused by name", () => {
  const shelf = new MemoryShelf();
  const metrics: Metrics = { splits: { test: { loss: Number.NaN } }, about: {} };
  expect(() => storeArtifact(shelf, "metrics", metrics)).toThrow(
    "test loss is NaN: an artifact holds finite numbers or null",
  );
  const history = { splits: { train: { kl: [1, Number.POSITIVE_INFINITY] } } } as unknown as History;
  expect(() => storeArtifact(shelf, "history", history)).toThrow("train kl of epoch 2 is Infinity");
});

test("a tensor whose bytes do not fit its shape is refused", () => {
  const x = tensorOf("float32", [3], new Float32Array(2));
  const weights = { tensors: [{ name: "dense/kernel", tensor: x }], epoch: 1, loss: {} };
  expect(() => storeArtifact(new MemoryShelf(), "weights", weights)).toThrow(
    "tensor dense/kernel: float32 [3] needs 12 bytes, not 8",
  );
});

test("two weights of one name are refused", () => {
  const tensor = tensorOf("float32", [1], new Float32Array(1));
  const tensors = [tensor, tensor].map((each) => ({ name: "dense/bias", tensor: each }));
  expect(() => storeArtifact(new MemoryShelf(), "weights", { tensors, epoch: 1, loss: {} })).toThrow("dense/bias");
});

test("asking for another kind is a bug, an unknown format is damage", () => {
  const shelf = new MemoryShelf();
  const { digest } = storeArtifact(shelf, "report", { html: new Uint8Array(1) });
  expect(() => fetchArtifact(shelf, "weights", digest)).toThrow("is of kind report, not weights");
  const newer = shelf.putManifest({ ...shelf.readManifest(digest), codec: 99 });
  expect(() => fetchArtifact(shelf, "report", newer)).toThrow(DamagedEntry);
});
