/** Small models with several inputs or outputs, with shared and with frozen layers, and data for them. */
import { readFileSync } from "node:fs";
import { columnData } from "../../src/artifact/columns.js";
import type { GraphSpec, NodeSpec, OutputSpec } from "../../src/artifact/graph.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Model } from "../../src/artifact/types.js";
import { buildGraph } from "../../src/engine/index.js";
import type { LayerKind } from "../../src/gen/layers.js";
import { BCE, CROSSENTROPY, layer, MSE, unwrap } from "./support.js";

type Numbers = Readonly<Record<string, readonly number[]>>;

/** What PyTorch makes of a case. */
export interface GraphReference {
  readonly weights: Numbers;
  readonly data: Numbers;
  readonly loss: number;
  readonly gradients: Numbers;
  readonly moved: Numbers;
  readonly outputs: Numbers;
}

export const graphReferences = JSON.parse(
  readFileSync(new URL("./reference/graphs.json", import.meta.url), "utf8"),
) as Record<string, GraphReference>;

export interface GraphCase {
  readonly graph: GraphSpec;
  readonly loss: object;
  readonly weights?: Readonly<Record<string, number>>;
  /** Shapes of the columns, `[]` with a number of classes for categories. */
  readonly columns: Readonly<Record<string, readonly number[] | { readonly classes: number }>>;
}

function node(kind: LayerKind, given: object, ...from: string[]): NodeSpec {
  return { ...(layer(kind, given) as object), from };
}

const dense = (units: number, activation: string, ...from: string[]) => node("dense", { units, activation }, ...from);

function graphFrom(
  inputs: readonly string[],
  nodes: Readonly<Record<string, NodeSpec>>,
  outputs: Readonly<Record<string, OutputSpec>>,
): GraphSpec {
  return { inputs: Object.fromEntries(inputs.map((name) => [name, { column: name }])), nodes, outputs, groups: {} };
}

export const graphCases: Readonly<Record<string, GraphCase>> = {
  two_inputs: {
    graph: graphFrom(
      ["left", "right"],
      {
        a: dense(4, "relu", "left"),
        b: dense(4, "tanh", "right"),
        both: node("concatenate", {}, "a", "b"),
        end: dense(3, "softmax", "both"),
      },
      { out: { node: "end", target: "kind" } },
    ),
    loss: CROSSENTROPY,
    columns: { left: [3], right: [2], kind: { classes: 3 } },
  },
  two_outputs: {
    graph: graphFrom(
      ["x"],
      { body: dense(5, "tanh", "x"), kind: dense(3, "softmax", "body"), size: dense(2, "linear", "body") },
      { kind: { node: "kind", target: "digit", weight: 7 }, size: { node: "size", target: "extent", weight: 0.5 } },
    ),
    loss: { kind: CROSSENTROPY, size: MSE },
    weights: { kind: 2 },
    columns: { x: [4], digit: { classes: 3 }, extent: [2] },
  },
  residual: {
    graph: graphFrom(
      ["x"],
      {
        first: dense(4, "relu", "x"),
        second: dense(4, "linear", "first"),
        sum: node("add", {}, "x", "second"),
        again: node("activation", { activation: "relu" }, "sum"),
        end: dense(1, "linear", "again"),
      },
      { out: { node: "end", target: "value" } },
    ),
    loss: MSE,
    columns: { x: [4], value: [1] },
  },
  siamese: {
    graph: graphFrom(
      ["left", "right"],
      {
        body: dense(4, "tanh", "left"),
        twin: { from: ["right"], sharedWith: "body" },
        product: node("multiply", {}, "body", "twin"),
        end: dense(1, "sigmoid", "product"),
      },
      { out: { node: "end", target: "same" } },
    ),
    loss: BCE,
    columns: { left: [3], right: [3], same: { classes: 2 } },
  },
  frozen: {
    graph: graphFrom(
      ["x"],
      {
        body: { ...dense(5, "relu", "x"), trainable: false },
        norm: { ...node("batch_normalization", {}, "body"), trainable: false },
        end: dense(3, "softmax", "norm"),
      },
      { out: { node: "end", target: "kind" } },
    ),
    loss: CROSSENTROPY,
    columns: { x: [4], kind: { classes: 3 } },
  },
  shared_norm: {
    graph: graphFrom(
      ["left", "right"],
      {
        norm: node("batch_normalization", { momentum: 0.75 }, "left"),
        twin: { from: ["right"], sharedWith: "norm" },
        both: node("concatenate", {}, "norm", "twin"),
        end: dense(1, "linear", "both"),
      },
      { out: { node: "end", target: "value" } },
    ),
    loss: MSE,
    columns: { left: [3], right: [3], value: [1] },
  },
};

export async function modelOfCase({ graph, columns }: GraphCase): Promise<Model> {
  return unwrap(await buildGraph(graph, (column) => columns[column as string] as readonly number[]));
}

/** A dataset whose splits `train` and `test` have these values. */
export function datasetOfCase(
  { graph, columns }: GraphCase,
  values: Readonly<Record<string, readonly number[]>>,
): Dataset {
  const inputs = Object.keys(graph.inputs);
  const described = Object.entries(columns).map(([name, shape]) => {
    const classes = "classes" in shape ? Array.from({ length: shape.classes }, (_, i) => `${name} ${i}`) : null;
    const numbers = values[name] as readonly number[];
    const item = classes === null ? (shape as readonly number[]) : [];
    const items = numbers.length / item.reduce((a, b) => a * b, 1);
    const tensor =
      classes === null
        ? tensorOf("float32", [items, ...item], Float32Array.from(numbers))
        : tensorOf("uint8", [items], Uint8Array.from(numbers));
    return { name, item, items, tensor, classes };
  });
  const split = {
    items: described[0]?.items as number,
    columns: Object.fromEntries(described.map(({ name, tensor }) => [name, columnData(tensor)])),
  };
  return {
    name: "graphs",
    columns: described.map(({ name, item, tensor, classes }) => ({
      name,
      role: inputs.includes(name) ? "input" : "target",
      dtype: tensor.dtype,
      shape: item,
      meaning: classes === null ? "number" : "category",
      ...(classes === null ? {} : { classes }),
      scale: 1,
      offset: 0,
    })),
    splits: { train: split, test: split },
    sources: [],
    steps: [],
  };
}
