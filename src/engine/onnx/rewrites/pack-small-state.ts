import type { Graph, Port, PortPart, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { Copy, type Rewrite, withoutDead } from "./rewrite.js";
import { type UpdateFamily, updateFamilies } from "./update-families.js";

/**
 * Biases and other small variables that an optimizer treats alike are kept as one vector, and so are their slots: one
 * update instead of one a variable. Starting an operator costs a microsecond, which for a vector of two elements is
 * nearly all it costs.
 */
export const packSmallState: Rewrite = {
  name: "pack-small-state",
  apply(graph) {
    const alike = new Map<string, UpdateFamily[]>();
    for (const family of updateFamilies(graph, LARGEST)) {
      alike.set(family.signature, [...(alike.get(family.signature) ?? []), family]);
    }
    const groups = [...alike.values()].filter((families) => families.length > 1);
    return groups.length === 0 ? graph : withoutDead(pack(graph, groups));
  },
};

/** Elements of a variable. Beyond some thousands, the work outweighs the start and copying into the vector costs more. */
const LARGEST = 4096;

function pack(graph: Graph, groups: readonly (readonly UpdateFamily[])[]): Graph {
  const packed = new Set(groups.flat().flatMap((family) => family.states.map((state) => state.input.name)));
  const skipped = new Set(groups.flat().flatMap((family) => family.nodes));
  const copy = new Copy(
    graph,
    undefined,
    graph.inputs.filter((port) => !packed.has(port.name)),
  );
  const vectors = groups.map((families, i) => inputVectors(copy, families, i));
  for (const node of graph.nodes) if (!skipped.has(node)) copy.node(node);
  copy.outputs(graph.outputs.filter((port) => port.name.startsWith("state.") && !packed.has(port.name)));
  groups.forEach((families, i) => {
    updateTogether(copy, families, vectors[i] as readonly Vector[]);
  });
  copy.outputs(graph.outputs.filter((port) => !port.name.startsWith("state.")));
  return copy.graph;
}

interface Vector {
  readonly name: string;
  readonly value: Value;
  readonly parts: readonly PortPart[];
}

/** One input for each state of the families; for what the step reads of it, the vector is cut up again. */
function inputVectors(copy: Copy, families: readonly UpdateFamily[], group: number): Vector[] {
  const [first] = families as [UpdateFamily];
  return first.states.map((_, i) => {
    const ports = families.map((family) => family.states[i]?.input as Port);
    const parts = ports.map(({ name, value }) => ({ name, shape: value.shape }));
    const sizes = parts.map((part) => sizeOf(part.shape));
    const name = `state.packed${group}.${i}`;
    const value = copy.graph.input(name, "float32", [sizes.reduce((a, b) => a + b, 0)], parts);
    const pieces = copy.graph.addMany("Split", [value, copy.graph.ints(sizes)], { axis: 0 });
    const shaped = pieces.map((piece, k) => reshaped(copy.graph, piece, parts[k]?.shape as readonly number[]));
    copy.stand(
      ports.map((port) => port.value),
      shaped,
    );
    return { name, value, parts };
  });
}

function updateTogether(copy: Copy, families: readonly UpdateFamily[], vectors: readonly Vector[]): void {
  const [first] = families as [UpdateFamily];
  const together = new Map<Value, Value>();
  first.states.forEach((state, i) => {
    together.set(state.input.value, (vectors[i] as Vector).value);
  });
  first.leaves.forEach((leaf, i) => {
    const flat = families.map((family) => {
      const value = copy.value(family.leaves[i] as Value);
      return reshaped(copy.graph, value, [sizeOf(value.shape)]);
    });
    together.set(leaf, copy.graph.add("Concat", flat, { axis: 0 }));
  });
  for (const node of first.nodes) {
    const inputs = node.inputs.map((value) => value && (together.get(value) ?? copy.value(value)));
    const [output] = node.outputs as [Value];
    together.set(output, copy.graph.add(node.op, inputs, node.attributes));
  }
  first.states.forEach((state, i) => {
    const { name, parts } = vectors[i] as Vector;
    copy.graph.output(name, together.get(state.output.value) as Value, parts);
  });
}

function reshaped(graph: Graph, value: Value, shape: readonly number[]): Value {
  return value.shape.length === 1 && shape.length === 1 ? value : graph.add("Reshape", [value, graph.ints(shape)]);
}
