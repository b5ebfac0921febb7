import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Graph, type Value } from "../../src/engine/onnx/ir.js";
import { OPS } from "../../src/engine/onnx/ops/index.js";
import { checkGraph } from "./support/check-graph.js";
import { countOps, printGraph } from "./support/print.js";

/** relu(x · w + b), summed up. */
function example(): { graph: Graph; x: Value; w: Value } {
  const graph = new Graph();
  const x = graph.input("input.x", "float32", [2, 3]);
  const w = graph.input("state.w", "float32", [3, 4]);
  const b = graph.constant("float32", [4], Float32Array.of(1, 2, 3, 4));
  const activated = graph.add("Relu", [graph.add("Gemm", [x, w, b], { transA: 0 })]);
  graph.output("scalar.loss", graph.add("ReduceSum", [activated, graph.ints([0, 1])], { keepdims: 0 }));
  return { graph, x, w };
}

describe("a graph", () => {
  it("prints one line a node, with types and short constants", () => {
    expect(printGraph(example().graph)).toBe(
      [
        "in  input.x  v0 float32[2,3]",
        "in  state.w  v1 float32[3,4]",
        "v3 float32[2,4] = Gemm(v0, v1, <[1 2 3 4]>) transA=0",
        "v4 float32[2,4] = Relu(v3)",
        "v6 float32[] = ReduceSum(v4, <[0 1]>) keepdims=0",
        "out scalar.loss  v6 float32[]",
        "",
      ].join("\n"),
    );
    expect(countOps(example().graph)).toEqual({ Gemm: 1, ReduceSum: 1, Relu: 1 });
  });

  it("refuses nodes that are not legal, and says why", () => {
    const { graph, x, w } = example();
    expect(() => graph.add("Frobnicate", [x])).toThrow("unknown operator Frobnicate");
    expect(() => graph.add("Relu", [x, w])).toThrow("Relu: 2 inputs, expected 1");
    expect(() => graph.add("Relu", [x], { alpha: 1 })).toThrow("Relu: unknown attribute alpha");
    expect(() => graph.add("Gemm", [x, w], { transA: 0.5 })).toThrow("Gemm: attribute transA is 0.5, expected int");
    expect(() => graph.add("Gemm", [w, w])).toThrow("Gemm: inner sizes 4 and 3 of [3,4] and [3,4]");
    expect(() => graph.add("Add", [x, w])).toThrow("Add: shapes [2,3] [3,4] do not broadcast");
    expect(() => graph.add("Where", [x, x, x])).toThrow("Where: input 0 is float32, not bool");
    expect(() => graph.add("Reshape", [x, graph.ints([5])])).toThrow("Reshape: [2,3] to [5]");
    expect(() => graph.add("Reshape", [x, w])).toThrow("Reshape: input 1 must be a constant");
  });

  it("keeps equal short constants once", () => {
    const graph = new Graph();
    expect(graph.scalar(0.5)).toBe(graph.scalar(0.5));
    expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
    expect(graph.ints([1])).not.toBe(graph.constant("int32", [1], [1]));
  });
});

describe("the checker", () => {
  it("accepts a legal graph", () => {
    expect(() => checkGraph(example().graph)).not.toThrow();
  });

  const stranger: Value = { id: 99, type: "float32", shape: [2, 3] };
  const breakages: readonly [name: string, damage: (graph: Graph) => void, complaint: string][] = [
    [
      "a use before the definition",
      (graph) => graph.nodes.reverse(),
      "ReduceSum → v6 uses v4, which nothing before it defines",
    ],
    [
      "a name from nowhere",
      (graph) =>
        graph.nodes.push({ op: "Relu", inputs: [stranger], outputs: [{ ...stranger, id: 100 }], attributes: {} }),
      "Relu → v100 uses v99, which nothing before it defines",
    ],
    ["an output from nowhere", (graph) => graph.output("o", stranger), "output o is v99, which nothing defines"],
    [
      "a value defined twice",
      (graph) => graph.nodes.push(graph.nodes[1] as Graph["nodes"][number]),
      "Relu defines v4 again",
    ],
    [
      "a recorded type that is not the operator's",
      (graph) =>
        graph.nodes.push({
          op: "Relu",
          inputs: [graph.inputs[0]?.value],
          outputs: [{ ...stranger, shape: [3, 2] }],
          attributes: {},
        }),
      "Relu → v99 is recorded as float32[3,2] but gives float32[2,3]",
    ],
    [
      "a constant of the wrong length",
      (graph) => graph.constants.set(stranger, Float32Array.of(1)),
      "constant v99 of shape [2,3] has 1 elements",
    ],
    [
      "a constant stored as another type",
      (graph) => graph.constants.set(stranger, [1, 2, 3, 4, 5, 6]),
      "constant v99 is float32 but stored otherwise",
    ],
    [
      "two outputs of one name",
      (graph) => graph.output("scalar.loss", graph.inputs[0]?.value as Value),
      "two ports are named scalar.loss",
    ],
  ];
  it.each(breakages)("finds %s", (_name, damage, complaint) => {
    const { graph } = example();
    damage(graph);
    expect(() => checkGraph(graph)).toThrow(complaint);
  });
});

describe("the table of operators", () => {
  const source = new URL("../../src/engine/onnx/", import.meta.url).pathname;
  const emitting = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("ops"))
    .map((file) => readFileSync(join(source, file), "utf8"));
  const strings = emitting.flatMap((text) => text.match(/"[^"\n]*"/g) ?? []);
  const written = new Set(strings.flatMap((text) => text.slice(1, -1).split(" ")));

  it.each(Object.keys(OPS))("has %s because something emits it", (op) => {
    expect(written).toContain(op);
  });
});
