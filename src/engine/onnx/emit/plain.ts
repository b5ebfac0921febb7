import type { Graph, Value } from "../ir.js";
import { emitConstants, emitNodes, emitOutputs, opsetsOf } from "./graph.js";
import { encodeModel } from "./proto.js";

/** A graph as it is, as one model with the graph's own port names. */
export function emitPlain(graph: Graph): Uint8Array {
  const names = new Map(graph.inputs.map((port) => [port.value, port.name]));
  const nameOf = (value: Value) => names.get(value) ?? `v${value.id}`;
  const values = graph.outputs.map((port) => port.value);
  const renamed = emitOutputs(values, () => false, nameOf);
  const copies = renamed.copies.map((copy, i) => ({ ...copy, outputs: [graph.outputs[i]?.name as string] }));
  const nodes = [...emitNodes(graph, nameOf), ...copies];
  return encodeModel({
    opsets: opsetsOf(nodes),
    graph: {
      name: "function",
      nodes,
      initializers: emitConstants(graph, nameOf),
      inputs: graph.inputs.map((port) => ({ ...port.value, name: port.name })),
      outputs: graph.outputs.map((port) => ({ ...port.value, name: port.name })),
    },
  });
}
