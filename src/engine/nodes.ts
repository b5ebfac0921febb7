import { type Model, type ModelNode, sourceNamed } from "../artifact/graph.js";
import type { BuiltLayer, LayerWeight } from "../layer.js";
import { buildLayer } from "./build-layer.js";

/** What shall be computed of a model. */
export interface Wanted {
  /** Nodes whose values are wanted. */
  readonly nodes: readonly string[];
  /** Nodes that are given a value instead of being computed: the code of a decoder. */
  readonly given?: readonly string[];
  /** Whether means are taken instead of draws from the distributions that the model describes. */
  readonly still?: boolean;
}

/** Whether the layer's result is drawn from a distribution, with the mean as its first input. */
export function isDrawn(kind: string | undefined): boolean {
  return kind === "sampling";
}

/** The nodes that others are made from, and these themselves, in the order of the model. */
export function neededNodes(model: Model, { nodes, given = [], still = false }: Wanted): readonly ModelNode[] {
  const needed = new Set(nodes);
  const computed = model.nodes.filter(({ name }) => !given.includes(name));
  for (const { name, kind, from } of computed.toReversed()) {
    if (!needed.has(name)) continue;
    for (const source of still && isDrawn(kind) ? from.slice(0, 1) : from) needed.add(source);
  }
  return computed.filter(({ name }) => needed.has(name));
}

/** @param params other ones than the node's. */
export function builtLayer(model: Model, node: ModelNode, params: unknown = node.params): BuiltLayer {
  const { name, kind, from } = node;
  const shapes = from.map((source) => sourceNamed(model, source).shape);
  const layer = buildLayer({ name, kind, params }, shapes);
  if (!layer.ok) throw new Error(`${name}: ${layer.error.message}`);
  return layer.value;
}

/** Whether training leaves the weights of a node as they are. Weights that are shared stay where one of the sharers says so. */
export function isFrozen({ nodes }: Model, node: ModelNode): boolean {
  const owner = ownerOf(node);
  return nodes.some((other) => !other.trainable && ownerOf(other) === owner);
}

/** The node that weights are named after: itself unless it computes with another node's. */
export function ownerOf({ name, sharedWith }: ModelNode): string {
  return sharedWith ?? name;
}

/** The layer of a node; null for one that passes its first input on. */
export interface NodeLayer {
  readonly name: string;
  readonly owner: string;
  readonly frozen: boolean;
  readonly layer: BuiltLayer | null;
}

/** The first of those that compute with the same weights. */
export function firstOfOwners<N extends NodeLayer>(nodes: readonly N[]): readonly N[] {
  const seen = new Set<string>();
  return nodes.filter(({ owner }) => !seen.has(owner) && seen.add(owner));
}

/** Weights of all layers, each once: all that share a weight adopt the same variable. */
export function weightsOf(nodes: readonly NodeLayer[]): readonly LayerWeight[] {
  return firstOfOwners(nodes).flatMap(({ name, owner, frozen, layer }) => {
    const sharers = nodes.filter((node) => node.owner === owner).map((node) => node.layer?.weights ?? []);
    return (layer?.weights ?? []).map((weight, i): LayerWeight => {
      return {
        ...weight,
        name: `${owner}${weight.name.slice(name.length)}`,
        trainable: weight.trainable && !frozen,
        adopt: (variable) => {
          for (const weights of sharers) weights[i]?.adopt(variable);
        },
      };
    });
  });
}
