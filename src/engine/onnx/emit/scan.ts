import type { Graph, Port, Value } from "../ir.js";
import { emitConstants, emitNodes, emitOutputs, OPSETS } from "./graph.js";
import { encodeModel, type GraphProto, type ValueInfo } from "./proto.js";

/** A training step, wrapped so that one call runs any number of steps. */
export interface ScanModel {
  readonly bytes: Uint8Array;
  /** Names of the state that the steps change: both inputs and outputs, `state.<variable>`. */
  readonly changing: readonly string[];
  /** State that stays as it is: inputs only. */
  readonly constant: readonly string[];
  /** Inputs with a leading axis of steps. */
  readonly scanned: readonly string[];
  /** Outputs with one number a step. */
  readonly scalars: readonly string[];
}

const STEPS = "steps";
/** Final state and a state input cannot share a name in one graph. */
const AFTER = ".after";

/**
 * The step as the body of one ONNX Scan: the state goes from step to step, inputs and learning rate are cut along
 * their first axis, the scalars are collected. The number of steps is left open, so one model serves every chunk.
 */
export function emitScan(graph: Graph): ScanModel {
  const state = graph.inputs.filter((port) => port.name.startsWith("state."));
  const finals = new Map(graph.outputs.map((port) => [port.name, port.value]));
  const changing = state.filter((port) => finals.get(port.name) !== port.value);
  const constant = state.filter((port) => finals.get(port.name) === port.value);
  const scanned = graph.inputs.filter((port) => !port.name.startsWith("state."));
  const scalars = graph.outputs.filter((port) => port.name.startsWith("scalar."));

  const outputs = [...changing.map((port) => finals.get(port.name) as Value), ...scalars.map((port) => port.value)];
  const body = emitBody(graph, [...changing, ...scanned], outputs, constant);
  const stateInfo = (port: Port, suffix = "") => info(`${port.name}${suffix}`, port.value);
  const model = encodeModel({
    opsets: OPSETS,
    graph: {
      name: "training",
      nodes: [
        {
          op: "Scan",
          domain: "",
          inputs: [...changing, ...scanned].map((port) => port.name),
          outputs: [...changing.map((port) => port.name + AFTER), ...scalars.map((port) => port.name)],
          attributes: [
            { name: "body", type: "graph", value: body },
            { name: "num_scan_inputs", type: "int", value: scanned.length },
          ],
        },
      ],
      initializers: [],
      inputs: [...state.map((port) => stateInfo(port)), ...scanned.map((port) => info(port.name, port.value, STEPS))],
      outputs: [
        ...changing.map((port) => stateInfo(port, AFTER)),
        ...scalars.map((port) => info(port.name, port.value, STEPS)),
      ],
    },
  });
  const names = (ports: readonly Port[]) => ports.map((port) => port.name);
  return {
    bytes: model,
    changing: names(changing),
    constant: names(constant),
    scanned: names(scanned),
    scalars: names(scalars),
  };
}

/** The name under which a call returns the state that it was given as `name`. */
export function afterName(name: string): string {
  return name + AFTER;
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

function info(name: string, value: Value, leading?: string): ValueInfo {
  return { name, type: value.type, shape: leading === undefined ? value.shape : [leading, ...value.shape] };
}
