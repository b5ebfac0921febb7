import { expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.js";
import { layerPath } from "../../src/exec/layer-path.js";

const dense = { dense: { units: 4 }, from: ["input"] };
const build: JsonObject = { nodes: { "encoder/dense": dense, "encoder/dense_1": dense, sum: dense } };

it.each([
  ["encoder/dense", "encoder/dense"],
  ["encoder/dense_1", "encoder/dense_1"],
  ["encoder/dense_1/channels", "encoder/dense_1"],
  ["sum", "sum"],
  ["encoder/dense_2", null],
  ["encoder", null],
  ["toString", null],
  ["", null],
])("%s", (name, node) => expect(layerPath(build, name)).toEqual(node && ["nodes", node]));

it("is nowhere in what describes no graph", () => expect(layerPath({}, "encoder/dense")).toBeNull());
