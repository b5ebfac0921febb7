import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classesOf } from "../../src/artifact/columns.js";
import { floatValues, storedValues, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset } from "../../src/artifact/types.js";
import flatten from "../../stages/flatten.js";
import load from "../../stages/load.js";
import normalize from "../../stages/normalize.js";
import { datasetOfArrays, splitOf } from "../datasets.js";
import { idx, idxOf, runStage, value } from "./support.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pipe-data-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const PIXELS = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);

describe("load", () => {
  it("reads MNIST with its published sums, and names what it read", async () => {
    const { dataset } = value(await runStage(load, { dataset: "mnist" }, {}));
    expect(splitOf(dataset, "train").x).toMatchObject({ dtype: "uint8", shape: [60000, 28, 28], scale: 1, offset: 0 });
    expect(splitOf(dataset, "test").y?.shape).toEqual([10000]);
    expect(classesOf(dataset)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(dataset.sources.map(({ role, md5 }) => [role, md5])).toEqual([
      ["train images", "6bbc9ace898e44ae57da46a324031adb"],
      ["train labels", "a25bea736e30d166cdddb491f175f624"],
      ["test images", "2646ac647ad5339dbf082846283269ea"],
      ["test labels", "27ae3e4e09519cfbb04c329615203637"],
    ]);
    expect([...(splitOf(dataset, "train").y?.bytes.load().subarray(0, 5) ?? [])]).toEqual([5, 0, 4, 1, 9]);
    expect(dataset.steps).toEqual([
      {
        kind: "load",
        shapes: { train: [60000, 28, 28], test: [10000, 28, 28] },
        dtype: "uint8",
        range: [0, 255],
      },
    ]);
  });

  it("takes only the first items where it is told to", async () => {
    const { dataset } = value(await runStage(load, { dataset: "mnist", limit: { train: 7 } }, {}));
    const { x, y } = splitOf(dataset, "train");
    expect([x.shape, x.bytes.length, y?.shape]).toEqual([[7, 28, 28], 7 * 784, [7]]);
    expect(splitOf(dataset, "test").x.shape[0]).toBe(10000);
  });

  it("reads files of one's own, raw or gzip", async () => {
    const files = {
      "train.images": write("images", idx([6, 2, 2], PIXELS)),
      "train.labels": write("labels.gz", gzipSync(idx([6], Uint8Array.of(0, 2, 1, 0, 2, 1)))),
      "test.images": write("images.gz", gzipSync(idx([2, 2, 2], PIXELS.subarray(0, 8)))),
      "test.labels": write("labels", idx([2], Uint8Array.of(0, 3))),
    };
    const names = { images: "i", labels: "l" };
    const { dataset } = value(await runStage(load, { dataset: "own", train: names, test: names }, {}, { files }));
    expect(classesOf(dataset)).toEqual(["0", "1", "2", "3"]);
    expect([...splitOf(dataset, "train").x.bytes.load()]).toEqual([...PIXELS]);
    expect(splitOf(dataset, "test").x.shape).toEqual([2, 2, 2]);
    const named = { dataset: "own", train: names, classes: ["a", "b", "c"] };
    expect(classesOf(value(await runStage(load, named, {}, { files })).dataset)).toEqual(["a", "b", "c"]);
  });

  it("holds no more of a large file than its limit says, and knows it as a whole", async () => {
    const whole = idx(
      [5000, 2, 2],
      Uint8Array.from({ length: 20_000 }, (_, i) => i % 251),
    );
    const files = { "train.images": write("many", whole) };
    const params = { dataset: "own", train: { images: "i" }, limit: { train: 2 } };
    const { dataset } = value(await runStage(load, params, {}, { files }));
    const bytes = splitOf(dataset, "train").x.bytes.load();
    expect([...bytes]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(bytes.buffer.byteLength).toBe(8);
    const md5 = createHash("md5").update(whole).digest("hex");
    expect(dataset.sources).toEqual([{ role: "train images", bytes: whole.length, md5 }]);
  });

  it("refuses a file that says more than it has", async () => {
    const files = { "train.images": write("short", idx([6, 2, 2], PIXELS.subarray(1))) };
    const params = { dataset: "own", train: { images: "i" }, limit: { train: 2 } };
    expect(await runStage(load, params, {}, { files })).toMatchObject({ error: [{ code: "idx-truncated" }] });
  });

  it("reads splits of any names, and keeps `train` first and `test` last", async () => {
    const names = ["train", "splits.validation", "splits.other", "test"];
    const files = Object.fromEntries(
      names.map((name, i) => [`${name}.images`, write(name, idx([i + 1, 2, 2], PIXELS.subarray(0, 4 * (i + 1))))]),
    );
    const images = { images: "i" };
    const splits = { validation: images, other: images };
    const params = { dataset: "own", test: images, train: images, splits, limit: { other: 2 } };
    const { dataset } = value(await runStage(load, params, {}, { files }));
    expect(Object.entries(dataset.splits).map(([name, { items }]) => [name, items])).toEqual([
      ["train", 1],
      ["validation", 2],
      ["other", 2],
      ["test", 4],
    ]);
  });

  it("has columns with names, roles, types and meanings", async () => {
    const files = {
      "train.images": write("floats", idxOf(13, [2, 2, 1], [0.5, -1, 2, 1e9])),
      "train.labels": write("values", idxOf(14, [2, 3], [1, 2, 3, 4, 5, 6.5])),
    };
    const params = { dataset: "own", train: { images: "i", labels: "l" } };
    const { dataset } = value(await runStage(load, params, {}, { files }));
    const plain = { scale: 1, offset: 0 };
    expect(dataset.columns).toEqual([
      { name: "image", role: "input", dtype: "float32", shape: [2, 1], meaning: "image", ...plain },
      { name: "label", role: "target", dtype: "float64", shape: [3], meaning: "number", ...plain },
    ]);
    expect([...storedValues(splitOf(dataset, "train").x)]).toEqual([0.5, -1, 2, 1e9]);
    expect([...floatValues(splitOf(dataset, "train").y as Tensor)]).toEqual([1, 2, 3, 4, 5, 6.5]);
    expect(dataset.steps[0]?.range).toEqual([-1, 1e9]);
  });

  it("takes whole numbers for classes, or for values where it is told to", async () => {
    const files = {
      "train.images": write("two", idx([2, 2, 2], PIXELS.subarray(0, 8))),
      "train.labels": write("large", idxOf(12, [2], [3, -70_000])),
    };
    const params = { dataset: "own", train: { images: "i", labels: "l" } };
    expect(await runStage(load, params, {}, { files })).toMatchObject({
      error: [{ code: "label-out-of-range", received: "labels from -70000 to 3" }],
    });
    const { dataset } = value(await runStage(load, { ...params, meaning: { label: "number" } }, {}, { files }));
    expect(dataset.columns[1]).toMatchObject({ dtype: "int32", shape: [], meaning: "number" });
    expect(classesOf(dataset)).toBeNull();
  });

  it("takes several labels an item, each 0 or 1, for a category each", async () => {
    const files = {
      "train.images": write("two", idx([2, 2, 2], PIXELS.subarray(0, 8))),
      "train.labels": write("any", idx([2, 3], Uint8Array.of(0, 1, 1, 0, 0, 0))),
    };
    const params = { dataset: "own", train: { images: "i", labels: "l" } };
    const { dataset } = value(await runStage(load, params, {}, { files }));
    expect(dataset.columns[1]).toMatchObject({ shape: [3], meaning: "category", classes: ["0", "1", "2"] });
    files["train.labels"] = write("more", idx([2, 3], Uint8Array.of(0, 1, 2, 0, 0, 0)));
    expect(await runStage(load, params, {}, { files })).toMatchObject({
      error: [{ code: "label-out-of-range", expected: "0 or 1 for each label" }],
    });
  });

  it("needs no labels", async () => {
    const files = { "train.images": write("plain", idx([6, 2, 2], PIXELS)) };
    const { dataset } = value(await runStage(load, { dataset: "own", train: { images: "i" } }, {}, { files }));
    expect(splitOf(dataset, "train").y).toBeNull();
    expect(classesOf(dataset)).toBeNull();
  });

  it.each([
    ["a missing file", () => join(folder, "nowhere"), { code: "unreadable-file", path: ["train", "images"] }],
    ["a file cut short", () => write("short", idx([6, 2, 2], PIXELS.subarray(1))), { code: "idx-truncated" }],
    ["a file of another kind", () => write("text", Buffer.from("hello, world")), { code: "idx-magic" }],
  ])("refuses %s", async (_, images, expected) => {
    const files = { "train.images": images() };
    expect(await runStage(load, { dataset: "own", train: { images: "i" } }, {}, { files })).toMatchObject({
      ok: false,
      error: [expected],
    });
  });

  it.each([
    ["images", Number.NaN, "NaN in item 1, counted from 0"],
    ["images", Number.NEGATIVE_INFINITY, "-Infinity in item 1, counted from 0"],
    ["labels", Number.NaN, "NaN in item 1, counted from 0"],
    ["labels", Number.POSITIVE_INFINITY, "Infinity in item 1, counted from 0"],
  ])("refuses %s of floating-point numbers with %s", async (what, value, received) => {
    const values = { images: [1, 2, 3, 4, 5, 6], labels: [1, 2, 3] };
    const broken = {
      ...values,
      [what]: values[what as "images"].map((each) => (each === (what === "images" ? 3 : 2) ? value : each)),
    };
    const files = {
      "train.images": write("broken-x", idxOf(13, [3, 2], broken.images)),
      "train.labels": write("broken-y", idxOf(14, [3], broken.labels)),
    };
    const params = { dataset: "own", train: { images: "i", labels: "l" } };
    const result = await runStage(load, params, {}, { files });
    expect(result).toMatchObject({ ok: false, error: [{ code: "data-not-finite", path: ["train", what], received }] });
  });

  it("refuses labels that do not fit the images, and a name that it does not know", async () => {
    const files = {
      "train.images": write("six", idx([6, 2, 2], PIXELS)),
      "train.labels": write("five", idx([5], new Uint8Array(5))),
    };
    const own = { dataset: "own", train: { images: "i", labels: "l" } };
    expect(await runStage(load, own, {}, { files })).toMatchObject({
      error: [{ code: "counts-differ", path: ["train", "labels"], received: "[5] labels for 6 images" }],
    });
    expect(await runStage(load, { dataset: "mnits" }, {})).toMatchObject({
      error: [{ code: "unknown-dataset", path: ["dataset"] }],
    });
  });
});

function small(values: readonly number[] = [...PIXELS]): Dataset {
  const x = tensorOf("uint8", [values.length / 4, 2, 2], Uint8Array.from(values));
  const test = tensorOf("uint8", [1, 2, 2], Uint8Array.of(0, 255, 10, 20));
  return datasetOfArrays({
    name: "small",
    classes: null,
    splits: { train: { x, y: null }, test: { x: test, y: null } },
    steps: [{ kind: "load", shapes: {}, dtype: "uint8", range: [0, 230] }],
  });
}

describe("flatten", () => {
  it("changes the description alone", async () => {
    const before = small();
    const { dataset } = value(await runStage(flatten, {}, { dataset: before }));
    expect(splitOf(dataset, "train").x).toEqual({ ...splitOf(before, "train").x, shape: [6, 4] });
    expect(splitOf(dataset, "train").x.bytes).toBe(splitOf(before, "train").x.bytes);
    expect(dataset.steps.at(-1)).toEqual({
      kind: "flatten",
      shapes: { train: [6, 4], test: [1, 4] },
      dtype: "uint8",
      range: [0, 230],
    });
  });
});

describe("normalize", () => {
  it("brings the train split to 0 … 1, and all others the same way; bytes stay", async () => {
    const before = small();
    const { dataset } = value(await runStage(normalize, { method: "min-max" }, { dataset: before }));
    const { x } = splitOf(dataset, "train");
    expect(x.bytes).toBe(splitOf(before, "train").x.bytes);
    expect(dataset.steps.at(-1)?.range).toEqual([0, 1]);
    expect(floatValues(splitOf(dataset, "test").x)[1]).toBeCloseTo(255 / 230, 6);
  });

  it("brings the train split to mean 0 and deviation 1", async () => {
    const { dataset } = value(await runStage(normalize, { method: "standard" }, { dataset: small() }));
    const values = [...floatValues(splitOf(dataset, "train").x)];
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean).toBeCloseTo(0, 6);
    expect(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length).toBeCloseTo(1, 6);
  });

  it("can be done twice", async () => {
    const once = value(await runStage(normalize, { method: "standard" }, { dataset: small() })).dataset;
    const { dataset } = value(await runStage(normalize, { method: "min-max" }, { dataset: once }));
    const values = floatValues(splitOf(dataset, "train").x);
    expect(Math.min(...values)).toBeCloseTo(0, 6);
    expect(Math.max(...values)).toBeCloseTo(1, 6);
  });

  it("cannot spread what is all the same", async () => {
    expect(await runStage(normalize, { method: "min-max" }, { dataset: small([5, 5, 5, 5]) })).toMatchObject({
      error: [{ code: "constant-data" }],
    });
  });
});
