import { expect, it } from "vitest";
import { layerPath } from "../../src/exec/layer-path.js";

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
