import type { Graph, Node, Value } from "../ir.js";
import { OPS } from "../ops/index.js";
import type { AttributeType } from "../ops/types.js";
import type { NodeProto, TensorProto } from "./proto.js";

export type NameOf = (value: Value) => string;

/** ONNX's operator set that the operators here are written for, and ONNX Runtime's own. */
const OPSET = 18;
const CONTRIBUTED_OPSET = 1;

/** Versions of the domains that nodes use. */
export function opsetsOf(nodes: readonly NodeProto[]): Readonly<Record<string, number>> {
  const contributed = nodes.some((node) => node.domain !== "");
  return contributed ? { "": OPSET, "com.microsoft": CONTRIBUTED_OPSET } : { "": OPSET };
}

/** Nodes as the format wants them. */
export function emitNodes(graph: Graph, nameOf: NameOf): NodeProto[] {
  return graph.nodes.map((node) => emitNode(node, nameOf));
}

/** Constants that some node or output uses. */
export function emitConstants(graph: Graph, nameOf: NameOf): TensorProto[] {
  const used = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((port) => port.value)]);
  return [...graph.constants]
    .filter(([value]) => used.has(value))
    .map(([value, data]) => ({ name: nameOf(value), type: value.type, shape: value.shape, data }));
}

/**
 * Output names for values, and the copies that make them possible: the format wants every output to be computed by
 * a node of its own, so inputs, constants and values that are output twice are passed through Identity.
 */
export function emitOutputs(
  values: readonly Value[],
  isComputed: (value: Value) => boolean,
  nameOf: NameOf,
): { readonly names: readonly string[]; readonly copies: readonly NodeProto[] } {
  const taken = new Set<Value>();
  const copies: NodeProto[] = [];
  const names = values.map((value, i) => {
    if (isComputed(value) && !taken.has(value)) {
      taken.add(value);
      return nameOf(value);
    }
    copies.push({ op: "Identity", domain: "", inputs: [nameOf(value)], outputs: [`copy${i}`], attributes: [] });
    return `copy${i}`;
  });
  return { names, copies };
}

function emitNode(node: Node, nameOf: NameOf): NodeProto {
  const dot = node.op.lastIndexOf(".");
  // Our name for the two-output form of one operator; see the table in ops/conv.ts.
  const op = node.op === "MaxPoolIndices" ? "MaxPool" : node.op.slice(dot + 1);
  return {
    op,
    domain: dot < 0 ? "" : node.op.slice(0, dot),
    inputs: node.inputs.map((value) => (value ? nameOf(value) : "")),
    outputs: node.outputs.map(nameOf),
    attributes: Object.entries(node.attributes).map(([name, value]) => ({
      name,
      type: OPS[node.op]?.attributes?.[name] as AttributeType,
      value,
    })),
  };
}
