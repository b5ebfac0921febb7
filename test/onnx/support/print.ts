import type { Graph, Port, Value } from "../../../src/engine/onnx/ir.js";
import type { Attribute, ConstantData } from "../../../src/engine/onnx/types.js";

/**
 * A graph as text, one line a node, for eyes and for golden files:
 *
 *     in  x  v0 float32[32,784]
 *     v3 float32[32,64] = Gemm(v0, v1, v2) transB=1
 *     out loss  v9 float32[]
 *
 * Constants are shown where they are used, short ones in full.
 */
export function printGraph(graph: Graph): string {
  const operand = (value: Value | undefined) => {
    if (!value) return "_";
    const data = graph.constants.get(value);
    return data ? constantText(value, data) : `v${value.id}`;
  };
  const port = (word: string, { name, value }: Port) => `${word} ${name}  ${operand(value)} ${typeText(value)}`;
  return [
    ...graph.inputs.map((input) => port("in ", input)),
    ...graph.nodes.map((node) => {
      const results = node.outputs.map((value) => `v${value.id} ${typeText(value)}`).join(", ");
      const attributes = Object.entries(node.attributes).map(([key, value]) => ` ${key}=${attributeText(value)}`);
      return `${results} = ${node.op}(${node.inputs.map(operand).join(", ")})${attributes.join("")}`;
    }),
    ...graph.outputs.map((output) => port("out", output)),
    "",
  ].join("\n");
}

/** How often each operator occurs, most frequent first: what a benchmark or a test looks at. */
export function countOps(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const node of graph.nodes) counts[node.op] = (counts[node.op] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

function typeText(value: Value): string {
  return `${value.type}[${value.shape}]`;
}

function constantText(value: Value, data: ConstantData): string {
  if (data.length > 8) return `<${typeText(value)}>`;
  const items = [...data].join(" ");
  return value.shape.length === 0 ? `<${items}>` : `<[${items}]>`;
}

function attributeText(value: Attribute): string {
  return typeof value === "object" ? `[${value}]` : String(value);
}
