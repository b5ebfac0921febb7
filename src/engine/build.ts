import {
  type GraphSpec,
  layerOf,
  type Model,
  type ModelGroup,
  type ModelInput,
  type ModelNode,
  type ModelOutput,
  reconstructedInput,
  sourceNamed,
} from "../artifact/graph.js";
import { sizeOf } from "../artifact/tensor.js";
import { isPictureWithChannel, lacksChannels, leavesPicture } from "../base/channels.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { OwnCodeError } from "../base/own-failure.js";
import { err, ok, type Result } from "../base/result.js";
import type { BuiltLayer, Shape } from "../layer.js";
import { layerFacts } from "../layers/index.js";
import { buildLayer } from "./build-layer.js";
import { useBackend } from "./eager/backend.js";
import { nodeOrder } from "./graph-order.js";
import { makeVariables } from "./layer.js";

/**
 * The architecture that the graph describes, with every shape resolved and every weight counted; shapes are those of the
 * layers themselves, which are built for the purpose.
 *
 * @param graph without outputs whose target is null: those are of a dataset.
 * @param shapeOf one item of an input's column.
 * @returns diagnostics with `path` into the graph where a layer does not fit.
 */
export async function buildGraph(
  graph: GraphSpec,
  shapeOf: (column: string | null) => Shape,
): Promise<Result<Model, Diagnostic[]>> {
  await useBackend("cpu");
  const inputs = Object.entries(graph.inputs).map(([name, { column }]) => ({ name, column, shape: shapeOf(column) }));
  try {
    const builder = new Builder(graph, inputs);
    for (const name of nodeOrder(graph)) builder.add(name);
    return ok(builder.finish());
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return err([
      {
        code: "shape-mismatch",
        severity: "error",
        message: error.message,
        path: ["nodes", error.node],
        fix: "Change this layer, or the ones before it, so that the shapes fit.",
      },
    ]);
  }
}

/** A layer that cannot take what comes before it. */
class Misfit extends Error {
  readonly node: string;
  constructor(node: string, message: string) {
    super(message);
    this.node = node;
  }
}

class Builder {
  readonly #graph: GraphSpec;
  readonly #inputs: readonly ModelInput[];
  readonly #nodes: ModelNode[] = [];
  readonly #groups: ModelGroup[];
  /** Inputs and nodes that give a picture without an axis for its one channel. */
  readonly #pictures: Set<string>;

  constructor(graph: GraphSpec, inputs: readonly ModelInput[]) {
    this.#graph = graph;
    this.#inputs = inputs;
    this.#groups = sorted(graph.groups).map(([name, group]) => ({ name, ...group }));
    this.#pictures = new Set(inputs.filter(({ shape }) => shape.length === 2).map(({ name }) => name));
  }

  /** Adds a node whose sources are there already, and before it the reshape that gives its input channels. */
  add(name: string): void {
    const spec = this.#graph.nodes[name] as GraphSpec["nodes"][string];
    const layer = layerOf(spec) ?? layerOf(this.#graph.nodes[spec.sharedWith as string] ?? { from: [] });
    if (layer === null) throw new Error(`the node ${name} has no layer`);
    const { kind, params } = layer;
    const facts = layerFacts(kind);
    const from = spec.from.map((source, i) => {
      const { shape } = this.#source(source);
      if (!lacksChannels(facts, shape, this.#pictures.has(source))) return source;
      return this.#reshape(`${name}/channels${i === 0 ? "" : `_${i}`}`, source, [...shape, 1], name);
    });
    const picture = from.some((source) => this.#pictures.has(source));
    const { trainable = true, sharedWith } = spec;
    const node = this.#built({ name, kind, params, from, trainable, ...(sharedWith !== undefined && { sharedWith }) });
    if (leavesPicture(facts, node.shape, picture)) this.#pictures.add(name);
  }

  finish(): Model {
    const outputs = sorted(this.#graph.outputs).map(([name, { target, ...output }]) =>
      this.#output({ name, ...output, ...(typeof target === "string" && { target }), shape: [] }),
    );
    return {
      inputs: this.#inputs,
      nodes: this.#nodes,
      outputs,
      groups: this.#groups,
      parameters: this.#nodes.reduce((sum, { parameters }) => sum + parameters, 0),
    };
  }

  /** A picture that went in without an axis for its channel comes out without it. */
  #output(output: ModelOutput): ModelOutput {
    const { shape } = this.#source(output.node);
    const wanted = reconstructedInput({ inputs: this.#inputs }, output)?.shape;
    if (wanted === undefined || shape.join() === wanted.join()) return { ...output, shape };
    if (!isPictureWithChannel(shape, wanted)) {
      throw new Misfit(output.node, `${output.node} gives [${shape}], the input is [${wanted}]`);
    }
    const name = `${output.node.replace(/\/?[^/]*$/, "")}/picture`.replace(/^\//, `${output.node}/`);
    return { ...output, node: this.#reshape(name, output.node, wanted, output.node), shape: wanted };
  }

  #source(name: string): ModelInput | ModelNode {
    return sourceNamed({ inputs: this.#inputs, nodes: this.#nodes }, name);
  }

  /** Adds a reshape on behalf of a node, to whose groups it then belongs. */
  #reshape(name: string, from: string, targetShape: Shape, node: string): string {
    const params = { targetShape: [...targetShape] };
    this.#built({ name, kind: "reshape", params, from: [from], trainable: true });
    this.#groups.forEach((group, i) => {
      const at = group.nodes.indexOf(node);
      if (at < 0) return;
      const after = from === node ? 1 : 0;
      const nodes = [...group.nodes.slice(0, at + after), name, ...group.nodes.slice(at + after)];
      const output = after === 1 && group.output === node ? name : group.output;
      this.#groups[i] = { ...group, nodes, ...(output !== undefined && { output }) };
    });
    return name;
  }

  #built(node: Omit<ModelNode, "shape" | "parameters">): ModelNode {
    const shapes = node.from.map((source) => this.#source(source).shape);
    const { shape, parameters } = measured(node, shapes);
    const made = { ...node, shape, parameters: node.sharedWith === undefined ? parameters : 0 };
    this.#nodes.push(made);
    return made;
  }
}

function sorted<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Builds the layer and takes it apart again: a build keeps no memory. */
function measured(
  node: Omit<ModelNode, "shape" | "parameters">,
  inputs: readonly Shape[],
): { readonly shape: Shape; readonly parameters: number } {
  const given = inputs.map((shape) => `[${shape}]`).join(" and ");
  const layer = built(node, inputs);
  for (const variable of makeVariables(layer.weights, null)) variable.dispose();
  if (layer.outputShape.some((size) => size <= 0))
    throw new Misfit(node.name, `${node.name} leaves nothing of ${given}`);
  return { shape: layer.outputShape, parameters: parametersOf(layer) };
}

function built({ name, kind, params }: Omit<ModelNode, "shape" | "parameters">, inputs: readonly Shape[]): BuiltLayer {
  try {
    const layer = buildLayer({ name, kind, params }, inputs);
    if (layer.ok) return layer.value;
    throw new Misfit(name, `${name} takes ${layer.error.expected}, not ${layer.error.received}`);
  } catch (error) {
    if (error instanceof Misfit || error instanceof OwnCodeError) throw error;
    // The library's own checks throw errors of many classes; all of them are about shapes or arguments.
    throw new Misfit(
      name,
      `${name} does not take ${inputs.map((shape) => `[${shape}]`).join(" and ")}: ${messageOf(error)}`,
    );
  }
}

function parametersOf(layer: BuiltLayer): number {
  return layer.weights.reduce((sum, { idle, shape }) => sum + (idle ? 0 : sizeOf(shape)), 0);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
