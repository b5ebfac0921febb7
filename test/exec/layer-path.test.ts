import { expect, it } from "vitest";
import { type LayerRecord, partsOf } from "../../src/artifact/parts.js";
import type { JsonObject } from "../../src/base/json.js";
import { layerPath } from "../../src/exec/layer-path.js";
import { layer, modelOf, sequentialOf } from "../engine/support.js";

const dense = { dense: { units: 4 } };
const build = {
  family: "variational-autoencoder",
  encoder: [dense, { flatten: {} }, dense, { add: { branches: [[], [dense, dense]] } }],
  latent: { units: 2 },
  decoder: [dense],
};

it.each([
  ["encoder/dense", ["encoder", 0, "dense"]],
  ["encoder/dense_1", ["encoder", 2, "dense"]],
  ["encoder/add/branch2/dense_1", ["encoder", 3, "add", "branches", 1, 1, "dense"]],
  ["decoder/dense", ["decoder", 0, "dense"]],
  ["latent/mean", ["latent"]],
  ["decoder/conv2d", null],
  ["model/dense", null],
])("%s", (name, path) => expect(layerPath(build, name)).toEqual(path));

it("finds the layers of a sequential model", () => {
  expect(layerPath({ family: "sequential", layers: [{ conv2d: {} }, dense] }, "model/dense")).toEqual([
    "layers",
    1,
    "dense",
  ]);
});

it("counts layers as a build does", async () => {
  const relu = layer("activation", { activation: "relu" });
  const dense = layer("dense", { units: 4 });
  const inner = layer("concatenate", { branches: [[dense], [relu, dense]] });
  const params = sequentialOf(dense, relu, layer("add", { branches: [[], [dense, relu, dense]] }), inner, dense, inner);
  const { parts } = partsOf(await modelOf(params, [4]));
  const all = (records: readonly LayerRecord[]): readonly LayerRecord[] =>
    records.flatMap((record) => [record, ...all((record.branches ?? []).flat())]);
  const records = parts.flatMap(({ layers }) => all(layers));
  const paths = records.map(({ name }) => layerPath(params as unknown as JsonObject, name));
  expect(paths.map((path) => path?.at(-1))).toEqual(records.map(({ kind }) => kind));
  expect(new Set(paths.map((path) => JSON.stringify(path))).size).toBe(records.length);
});
