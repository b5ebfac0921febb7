import { expect, it } from "vitest";
import { nodeOrder } from "../../src/engine/graph-order.js";

it("inputs may be called what every object has", () => {
  const dense = { dense: { units: 1 } };
  const nodes = { valueOf: { ...dense, from: ["constructor", "toString"] }, end: { ...dense, from: ["valueOf"] } };
  expect(nodeOrder({ nodes: nodes as never, outputs: { out: { node: "end" } } })).toEqual(["valueOf", "end"]);
});
