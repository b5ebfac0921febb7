import { expect, test } from "vitest";
import type { Json } from "../../src/base/json.js";
import { explain } from "../../src/plan/explain.js";
import type { StageParts } from "../../src/plan/fingerprint.js";

const FILE = "ab".repeat(32);
const last: StageParts = {
  kind: "train",
  version: 1,
  params: {
    epochs: 2,
    optimizer: { adam: { learningRate: 0.001 } },
    layers: [{ dense: { units: 64 } }, { dense: { units: 784 } }],
    validation: "test",
    images: { file: FILE },
  },
  inputs: { dataset: "d1", model: "m1" },
  seed: 1,
  engine: { name: "onnx", version: "1.30" },
  code: "c1",
  libraries: { vega: "6.1", "ml-matrix": "6.15" },
};
const withParams = (params: { readonly [key: string]: Json }): StageParts => ({
  ...last,
  params: { ...last.params, ...params },
});
const { seed: _, ...unseeded } = last;
const many = Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [key, 1]));

test.each<[string, StageParts]>([
  ["its stored result is gone", last],
  ["params.epochs: 2 → 3", withParams({ epochs: 3 })],
  ["params.optimizer.adam.learningRate: 0.001 → 0.01", withParams({ optimizer: { adam: { learningRate: 0.01 } } })],
  [
    'params.optimizer.adam: {"learningRate":0.001} removed; params.optimizer.sgd: {} added',
    withParams({ optimizer: { sgd: {} } }),
  ],
  [
    "params.layers[0].dense.units: 64 → 16",
    withParams({ layers: [{ dense: { units: 16 } }, { dense: { units: 784 } }] }),
  ],
  ["params.layers: a list of 2 → []", withParams({ layers: [] })],
  ['params.validation: "test" → false', withParams({ validation: false })],
  [
    'params.note: "a note that is far too long to be show… added',
    withParams({ note: "a note that is far too long to be shown whole" }),
  ],
  [
    "params.group added",
    withParams({ group: { nodes: ["model/body/dense"], input: "input", output: "model/body/dense" } }),
  ],
  ["params.images: the file's content changed", withParams({ images: { file: "cd".repeat(32) } })],
  ["params.images: a file → null", withParams({ images: null })],
  ["params.a: 1 added; params.b: 1 added; params.c: 1 added and 2 more", withParams(many)],
  ["dataset changed", { ...last, inputs: { dataset: "d2", model: "m1" } }],
  ["dataset is no longer an input; weights is a new input", { ...last, inputs: { model: "m1", weights: "w1" } }],
  ["seed 1 → 2", { ...last, seed: 2 }],
  ["seed 1 → none", unseeded],
  ["engine onnx 1.30 → wasm 4.22", { ...last, engine: { name: "wasm", version: "4.22" } }],
  ["engine onnx 1.30 → onnx 1.31", { ...last, engine: { name: "onnx", version: "1.31" } }],
  ["stage version 1 → 2", { ...last, version: 2 }],
  ["code changed", { ...last, code: "c2" }],
  ["engine onnx 1.30 → wasm 4.22", { ...last, code: "c2", engine: { name: "wasm", version: "4.22" } }],
  ["vega 6.1 → 6.2", { ...last, libraries: { vega: "6.2", "ml-matrix": "6.15" } }],
  ["lodash none → 4; vega 6.1 → none", { ...last, libraries: { lodash: "4", "ml-matrix": "6.15" } }],
  [
    "stage version 1 → 2; params.epochs: 2 → 3; model changed and 1 more",
    {
      ...withParams({ epochs: 3 }),
      version: 2,
      inputs: { dataset: "d1", model: "m2" },
      seed: 7,
    },
  ],
  ["kind train → evaluate", { ...last, kind: "evaluate", version: 5 }],
])("%s", (text, parts) => {
  expect(explain(parts, last)).toBe(text);
});

test("a stage without a last time never ran", () => {
  expect(explain(last, undefined)).toBe("never ran");
});
