import type { Graph, Node, Value } from "../../../src/engine/onnx/ir.js";
import { inferTypes } from "../../../src/engine/onnx/ops/index.js";
import { sameShape, sizeOf } from "../../../src/engine/onnx/ops/types.js";
import { GraphError } from "../../../src/engine/onnx/types.js";

/**
 * Throws a GraphError that names the first node at fault unless the graph is legal: every operator known, with
 * legal inputs and attributes; every value defined once and before its use; every recorded type the one that
 * its operator gives; every constant as long as its shape says.
 */
export function checkGraph(graph: Graph): void {
  const defined = new Set<Value>();
  const define = (value: Value, by: string) => {
    if (defined.has(value)) throw new GraphError(`${by} defines v${value.id} again`);
    defined.add(value);
  };
  for (const [value, data] of graph.constants) {
    define(value, "a constant");
    if (data.length !== sizeOf(value.shape)) {
      throw new GraphError(`constant v${value.id} of shape [${value.shape}] has ${data.length} elements`);
    }
    if ((value.type === "float32") !== data instanceof Float32Array) {
      throw new GraphError(`constant v${value.id} is ${value.type} but stored otherwise`);
    }
  }
  for (const port of graph.inputs) define(port.value, `input ${port.name}`);
  for (const node of graph.nodes) {
    checkNode(graph, node, defined);
    for (const value of node.outputs) define(value, node.op);
  }
  for (const port of graph.outputs) {
    if (!defined.has(port.value))
      throw new GraphError(`output ${port.name} is v${port.value.id}, which nothing defines`);
  }
  checkNames(graph.inputs.map((port) => port.name));
  checkNames(graph.outputs.map((port) => port.name));
}

function checkNode(graph: Graph, node: Node, defined: ReadonlySet<Value>): void {
  const where = `${node.op} → v${node.outputs[0]?.id}`;
  for (const value of node.inputs) {
    if (value && !defined.has(value))
      throw new GraphError(`${where} uses v${value.id}, which nothing before it defines`);
  }
  const types = inferTypes(node.op, node.inputs, node.attributes, (value) => graph.constants.get(value as Value));
  if (types.length !== node.outputs.length) throw new GraphError(`${where} has ${node.outputs.length} outputs`);
  types.forEach((type, i) => {
    const value = node.outputs[i] as Value;
    if (value.type !== type.type || !sameShape(value.shape, type.shape)) {
      throw new GraphError(
        `${where} is recorded as ${value.type}[${value.shape}] but gives ${type.type}[${type.shape}]`,
      );
    }
  });
}

function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new GraphError(`two ports are named ${name}`);
    seen.add(name);
  }
}
