import type { Graph, Node, Value } from "../ir.js";
import { sameShape } from "../ops/types.js";
import { type ConstantData, GraphError } from "../types.js";
import { emitNodes, emitOutputs, type NameOf, opsetsOf } from "./graph.js";
import { encodeModel, type NodeProto, type TensorProto, type ValueInfo } from "./proto.js";

/** One function traced at several batch sizes: graphs of the same nodes, in which sizes differ. */
export interface TracedAt {
  readonly batch: number;
  readonly graph: Graph;
}

/** The name of the open dimension, and of the vector of one element that holds it. */
const BATCH = "batch";

/**
 * One model for every batch size. What differs between the traces is a size that grows with the batch, a + b·batch:
 * such constants are computed in the model from the shape of its first input. Two traces give a and b, a third one
 * confirms them.
 *
 * @param weights values of the inputs named `weight.<name>`, which become initializers.
 */
export function emitDynamic(
  traces: readonly [TracedAt, TracedAt, TracedAt],
  weights: Readonly<Record<string, Float32Array>>,
): Uint8Array {
  const [{ graph }] = traces;
  const sizes = new Sizes(traces);
  const names = new Map(graph.inputs.map((port) => [port.value, bare(port.name)]));
  const nameOf: NameOf = (value) => names.get(value) ?? `v${value.id}`;
  const constants = usedConstants(graph).map((value) => sizes.constant(value, nameOf(value)));
  const values = graph.outputs.map((port) => port.value);
  const { copies } = emitOutputs(values, () => false, nameOf);
  const data = graph.inputs.filter((port) => !port.name.startsWith("weight."));
  const nodes = [
    ...batchNodes(bare(data[0]?.name ?? "")),
    ...constants.flatMap((constant) => constant.nodes),
    ...emitNodes(graph, nameOf),
    ...copies.map((copy, i) => ({ ...copy, outputs: [bare(graph.outputs[i]?.name ?? "")] })),
  ];
  return encodeModel({
    opsets: opsetsOf(nodes),
    graph: {
      name: "model",
      nodes,
      initializers: [
        ...batchConstants,
        ...constants.flatMap((constant) => constant.initializers),
        ...graph.inputs.flatMap((port) => weightOf(port.name, port.value, weights)),
      ],
      inputs: data.map((port) => sizes.info(bare(port.name), port.value)),
      outputs: graph.outputs.map((port) => sizes.info(bare(port.name), port.value)),
    },
  });
}

/** Without the word for the role of a port. */
function bare(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function weightOf(name: string, value: Value, weights: Readonly<Record<string, Float32Array>>): TensorProto[] {
  if (!name.startsWith("weight.")) return [];
  const data = weights[bare(name)];
  if (!data) throw new Error(`no values for the weight ${bare(name)}`);
  return [{ name: bare(name), type: "float32", shape: value.shape, data }];
}

function usedConstants(graph: Graph): Value[] {
  const used = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((port) => port.value)]);
  return [...graph.constants.keys()].filter((value) => used.has(value));
}

const batchConstants: readonly TensorProto[] = [
  { name: "batch.axis", type: "int64", shape: [1], data: [0] },
  { name: "batch.end", type: "int64", shape: [1], data: [1] },
];

function batchNodes(input: string): NodeProto[] {
  return [node("Shape", [input], "batch.shape"), node("Slice", ["batch.shape", "batch.axis", "batch.end"], BATCH)];
}

function node(op: string, inputs: readonly string[], output: string): NodeProto {
  return { op, domain: "", inputs, outputs: [output], attributes: [] };
}

interface Emitted {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/** How sizes depend on the batch, found by comparing traces place by place. */
class Sizes {
  readonly #traces: readonly TracedAt[];
  /** The values of the other traces that correspond to a value of the first. */
  readonly #others = new Map<Value, readonly Value[]>();

  constructor(traces: readonly TracedAt[]) {
    this.#traces = traces;
    const [first, ...rest] = traces.map((trace) => trace.graph) as [Graph, ...Graph[]];
    first.inputs.forEach((port, i) => {
      this.#match(
        port.value,
        rest.map((graph) => graph.inputs[i]?.value),
      );
    });
    first.nodes.forEach((item, i) => {
      this.#matchNode(
        item,
        rest.map((graph) => graph.nodes[i]),
      );
    });
  }

  #matchNode(item: Node, others: readonly (Node | undefined)[]): void {
    const text = JSON.stringify(item.attributes);
    if (!others.every((other) => other?.op === item.op && JSON.stringify(other.attributes) === text)) {
      throw new GraphError(`${item.op} depends on the batch size in a way that one model cannot express`);
    }
    for (const side of ["inputs", "outputs"] as const) {
      item[side].forEach((value, k) => {
        if (value)
          this.#match(
            value,
            others.map((other) => other?.[side][k]),
          );
      });
    }
  }

  #match(value: Value, others: readonly (Value | undefined)[]): void {
    if (!this.#others.has(value)) this.#others.set(value, others as readonly Value[]);
  }

  info(name: string, value: Value): ValueInfo {
    const shapes = [value, ...(this.#others.get(value) ?? [])].map((other) => other.shape);
    const shape = value.shape.map((size, axis) => {
      const { base, slope } = this.#affine(shapes.map((other) => other[axis] as number));
      if (slope === 0) return size;
      return base === 0 && slope === 1 ? BATCH : `${slope}*${BATCH}+${base}`;
    });
    return { name, type: value.type, shape };
  }

  constant(value: Value, name: string): Emitted {
    const [first, ...rest] = this.#traces.map((trace) => trace.graph) as [Graph, ...Graph[]];
    const data = first.constants.get(value) as ConstantData;
    const others = this.#others.get(value) ?? [];
    const all = rest.map((graph, i) => graph.constants.get(others[i] as Value) as ConstantData);
    if (all.every((other) => equal(other, data)) && others.every((other) => sameShape(other.shape, value.shape))) {
      return { nodes: [], initializers: [{ name, type: value.type, shape: value.shape, data }] };
    }
    if (value.type === "int64" && all.every((other) => other.length === data.length)) {
      return this.#vector(name, [data, ...all]);
    }
    const number = first.uniform(value);
    if (number === undefined || rest.some((graph, i) => graph.uniform(others[i]) !== number)) {
      throw new GraphError(`a constant of shape [${value.shape}] depends on the batch size`);
    }
    return this.#filled(value, name, number);
  }

  /** base + slope · batch, element by element. */
  #vector(name: string, variants: readonly ConstantData[]): Emitted {
    const length = variants[0]?.length ?? 0;
    const parts = Array.from({ length }, (_, i) => this.#affine(variants.map((data) => data[i] as number)));
    return {
      nodes: [
        node("Mul", [`${name}.slope`, BATCH], `${name}.grown`),
        node("Add", [`${name}.base`, `${name}.grown`], name),
      ],
      initializers: [
        { name: `${name}.base`, type: "int64", shape: [length], data: parts.map((part) => part.base) },
        { name: `${name}.slope`, type: "int64", shape: [length], data: parts.map((part) => part.slope) },
      ],
    };
  }

  /** One number in all places of a shape that grows with the batch. */
  #filled(value: Value, name: string, number: number): Emitted {
    const shapes = [value, ...(this.#others.get(value) ?? [])].map((other) => other.shape);
    const shape = this.#vector(`${name}.shape`, shapes);
    const scalar: TensorProto = { name: `${name}.number`, type: "float32", shape: [], data: Float32Array.of(number) };
    return {
      nodes: [...shape.nodes, node("Expand", [scalar.name, `${name}.shape`], name)],
      initializers: [...shape.initializers, scalar],
    };
  }

  #affine(sizes: readonly number[]): { base: number; slope: number } {
    const [b1, b2, b3] = this.#traces.map((trace) => trace.batch) as [number, number, number];
    const [s1, s2, s3] = sizes as [number, number, number];
    const slope = (s2 - s1) / (b2 - b1);
    const base = s1 - slope * b1;
    if (!Number.isInteger(slope) || base + slope * b3 !== s3) {
      throw new GraphError(`sizes ${sizes} do not grow evenly with the batch`);
    }
    return { base, slope };
  }
}

function equal(a: ConstantData, b: ConstantData): boolean {
  return a.length === b.length && a.every((number: number, i: number) => Object.is(number, b[i]));
}
