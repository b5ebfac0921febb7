import type { GraphSpec, NodeSpec } from "../../src/artifact/graph.js";
import { layerOf } from "../../src/artifact/graph.js";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { JsonObject } from "../../src/base/json.js";
import { err, ok, type Result } from "../../src/base/result.js";
import { Complaints } from "../../src/spec/complaints.js";
import { type DataFacts, imageColumn, labelColumn } from "../../src/spec/data-facts.js";
import { checkShapes } from "../../src/spec/graph/shapes.js";
import type { DrawnModel, DrawnNode } from "../../src/spec/graph/types.js";
import { Source } from "../../src/spec/source.js";
import { type FamilyModel, graphOf } from "./families.js";

const source = new Source("model.yaml", "/", " ");
const span = { source, start: 0, end: 1 };
const place = { root: { type: "map", entries: new Map(), at: span }, path: [], uses: [] } as const;

/** The shape of the output that is trained, as it is foreseen before a model is built; or what is wrong with the model. */
export function foreseenShape(
  described: FamilyModel,
  item: readonly number[],
): Result<readonly number[], readonly Diagnostic[]> {
  const complaints = new Complaints();
  const data: DataFacts = {
    splits: { train: 1 },
    columns: [{ ...imageColumn("uint8", [1, ...item]), values: "bytes" }, labelColumn("category", [], [0, 2], 3)],
  };
  const facts = checkShapes(drawn(graphOf(described)), data, complaints);
  const trained = facts?.outputs.find(({ target }) => target !== undefined);
  return trained === undefined ? err(complaints.list()) : ok(trained.shape);
}

function drawn({ nodes, outputs }: GraphSpec): DrawnModel {
  return {
    inputs: new Map([["input", { column: null, place }]]),
    nodes: new Map(Object.entries(nodes).map(([name, node]) => [name, drawnNode(name, node)])),
    outputs: new Map(
      Object.entries(outputs).map(([name, { node, target }]) => [
        name,
        { node, place, end: place, ...(target !== undefined && { target: { column: null } }) },
      ]),
    ),
    groups: new Map(),
    flat: new Map(),
  };
}

function drawnNode(name: string, node: NodeSpec): DrawnNode {
  const { kind, params } = layerOf(node) as { kind: string; params: JsonObject };
  return { name, kind, params, from: node.from, trainable: true, place };
}
