import { type Model, type ModelNode, outputNamed, trainedOutputs } from "../artifact/graph.js";
import { sizeOf } from "../artifact/tensor.js";
import { layerFacts } from "../layers/index.js";
import type { OutputActivation } from "./classification.js";

/** A node between the activation that ends an output and the output itself. */
export interface OutputEnd {
  readonly activation: OutputActivation;
  /** Its layer without that activation, null for none; absent of layers behind it, which only keep its numbers in order. */
  readonly params?: unknown;
}

/**
 * The nodes at the ends of trained outputs by their names: losses take what comes before a sigmoid or softmax. It is found
 * through layers behind which a function of single elements is still the last that is computed.
 *
 * @param given nodes that are not computed: nothing before them can be taken apart.
 */
export function outputEnds(model: Model, given: readonly string[] = []): ReadonlyMap<string, OutputEnd> {
  const ends = new Map<string, OutputEnd>();
  for (const output of trainedOutputs(model)) {
    const behind: string[] = [];
    let node = nodeNamed(model, output.node, given);
    while (node !== undefined && layerFacts(node.kind).keeps === "order") {
      behind.push(node.name);
      node = nodeNamed(model, node.from[0] as string, given);
    }
    const activation = node && activationOf(node);
    if (node === undefined || activation === undefined) continue;
    for (const name of behind) ends.set(name, { activation });
    ends.set(node.name, { activation, params: layerFacts(node.kind).withoutEnd?.(node.params) });
  }
  return ends;
}

/** The activation that is taken off an output. */
export function outputActivation(model: Model, output: string): OutputActivation {
  const node = outputNamed(model, output)?.node;
  return (node === undefined ? undefined : outputEnds(model).get(node)?.activation) ?? "none";
}

function nodeNamed({ nodes }: Model, name: string, given: readonly string[]): ModelNode | undefined {
  return given.includes(name) ? undefined : nodes.find((node) => node.name === name);
}

/** A softmax runs over the last dimension: it is one of the whole output where that has no other. */
function activationOf({ kind, params, shape }: ModelNode): OutputActivation | undefined {
  const { endsWith, withoutEnd } = layerFacts(kind);
  const activation = withoutEnd === undefined ? undefined : endsWith?.(params);
  if (activation === "sigmoid") return "sigmoid";
  return activation === "softmax" && shape.at(-1) === sizeOf(shape) ? "softmax" : undefined;
}
