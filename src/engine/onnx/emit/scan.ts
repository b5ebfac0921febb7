import type { Graph, Port, PortPart, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { emitConstants, emitNodes, emitOutputs, opsetsOf } from "./graph.js";
import { encodeModel, type GraphProto, type NodeProto, type TensorProto, type ValueInfo } from "./proto.js";

/** A training step, wrapped so that one call runs any number of steps. */
export interface ScanModel {
  readonly bytes: Uint8Array;
  /** Names of the state that the steps change, `state.<variable>`; `afterName` gives the name of the result. */
  readonly changing: readonly string[];
  /** Outputs with one number a step. */
  readonly scalars: readonly string[];
}

const STEPS = "steps";
/** Final state and a state input cannot share a name in one graph. */
const AFTER = ".after";

/** The name under which a call returns the state that it was given as `name`. */
export function afterName(name: string): string {
  return name + AFTER;
}

/**
 * The step as the body of one ONNX Scan: the state goes from step to step, inputs and learning rate are cut along
 * their first axis, the scalars are collected. The number of steps is left open, so one model serves every chunk.
 * State that the step keeps as one vector is put together before the Scan and cut up after it.
 */
export function emitScan(graph: Graph): ScanModel {
  const finals = new Map(graph.outputs.map((port) => [port.name, port.value]));
  const state = graph.inputs.filter((port) => port.name.startsWith("state."));
  const changing = state.filter((port) => finals.get(port.name) !== port.value);
  const constant = state.filter((port) => finals.get(port.name) === port.value);
  const scanned = graph.inputs.filter((port) => !port.name.startsWith("state."));
  const scalars = graph.outputs.filter((port) => port.name.startsWith("scalar."));

  const results = [...changing.map((port) => finals.get(port.name) as Value), ...scalars.map((port) => port.value)];
  const vectors = changing.filter((port) => port.parts !== undefined).map(emitVector);
  const body = emitBody(graph, [...changing, ...scanned], results, constant);
  const scan: NodeProto = {
    op: "Scan",
    domain: "",
    inputs: [...changing, ...scanned].map((port) => port.name),
    outputs: [...changing.map((port) => afterName(port.name)), ...scalars.map((port) => port.name)],
    attributes: [
      { name: "body", type: "graph", value: body },
      { name: "num_scan_inputs", type: "int", value: scanned.length },
    ],
  };
  const parts = changing.flatMap(partsOf);
  const bytes = encodeModel({
    opsets: opsetsOf(body.nodes),
    graph: {
      name: "training",
      nodes: [...vectors.flatMap((vector) => vector.before), scan, ...vectors.flatMap((vector) => vector.after)],
      initializers: vectors.flatMap((vector) => vector.constants),
      inputs: [
        ...[...parts, ...constant.flatMap(partsOf)].map((part) => floats(part.name, part.shape)),
        ...scanned.map((port) => info(port.name, port.value, STEPS)),
      ],
      outputs: [
        ...parts.map((part) => floats(afterName(part.name), part.shape)),
        ...scalars.map((port) => info(port.name, port.value, STEPS)),
      ],
    },
  });
  return { bytes, changing: parts.map((part) => part.name), scalars: scalars.map((port) => port.name) };
}

function partsOf({ name, value, parts }: Port): readonly PortPart[] {
  return parts ?? [{ name, shape: value.shape }];
}

function emitBody(
  graph: Graph,
  inputs: readonly Port[],
  outputs: readonly Value[],
  outer: readonly Port[],
): GraphProto {
  const outerNames = new Map(outer.map((port) => [port.value, port.name]));
  const nameOf = (value: Value) => outerNames.get(value) ?? `v${value.id}`;
  const { names, copies } = emitOutputs(outputs, (value) => graph.producer(value) !== undefined, nameOf);
  return {
    name: "step",
    nodes: [...emitNodes(graph, nameOf), ...copies],
    initializers: emitConstants(graph, nameOf),
    inputs: inputs.map((port) => info(nameOf(port.value), port.value)),
    outputs: outputs.map((value, i) => info(names[i] as string, value)),
  };
}

interface VectorNodes {
  readonly before: readonly NodeProto[];
  readonly after: readonly NodeProto[];
  readonly constants: readonly TensorProto[];
}

/** Nodes that lay a port's parts end to end, and nodes that cut the result into the parts again. */
function emitVector({ name, parts = [] }: Port): VectorNodes {
  const sizes = parts.map((part) => sizeOf(part.shape));
  const shapeName = (part: PortPart) => `${part.name}.shape`;
  const flatName = (part: PortPart) => `${part.name}.flat`;
  const pieceName = (part: PortPart) => `${part.name}.piece`;
  const axis = { name: "axis", type: "int", value: 0 } as const;
  return {
    before: [
      ...parts.map((part) => plainNode("Reshape", [part.name, `${name}.flat`], [flatName(part)])),
      { ...plainNode("Concat", parts.map(flatName), [name]), attributes: [axis] },
    ],
    after: [
      { ...plainNode("Split", [afterName(name), `${name}.sizes`], parts.map(pieceName)), attributes: [axis] },
      ...parts.map((part) => plainNode("Reshape", [pieceName(part), shapeName(part)], [afterName(part.name)])),
    ],
    constants: [
      { name: `${name}.flat`, type: "int64", shape: [1], data: [-1] },
      { name: `${name}.sizes`, type: "int64", shape: [sizes.length], data: sizes },
      ...parts.map((part) => int64(shapeName(part), part.shape)),
    ],
  };
}

function plainNode(op: string, inputs: readonly string[], outputs: readonly string[]): NodeProto {
  return { op, domain: "", inputs, outputs, attributes: [] };
}

function int64(name: string, data: readonly number[]): TensorProto {
  return { name, type: "int64", shape: [data.length], data };
}

function floats(name: string, shape: readonly number[]): ValueInfo {
  return { name, type: "float32", shape };
}

function info(name: string, value: Value, leading?: string): ValueInfo {
  return { name, type: value.type, shape: leading === undefined ? value.shape : [leading, ...value.shape] };
}
