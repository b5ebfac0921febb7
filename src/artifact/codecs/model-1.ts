import type { JsonObject } from "../../base/json.js";
import type { Model, ModelGroup, ModelNode, ModelOutput } from "../graph.js";

/** A layer as version 1 had it. */
export interface LayerRecord {
  readonly name: string;
  readonly kind: string;
  readonly params: JsonObject;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Layers of each branch, for kinds that took branches. */
  readonly branches?: readonly (readonly LayerRecord[])[];
}

/** A model as version 1 had it: layers one after the other in one part, or in `encoder`, perhaps `latent`, and `decoder`. */
export interface PartsModel {
  readonly family: string;
  readonly parts: readonly {
    readonly name: string;
    readonly layers: readonly LayerRecord[];
    readonly inputShape: readonly number[];
  }[];
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly parameters: number;
  readonly latent?: { readonly noise: number; readonly scale: "exp" | "exp-half" };
}

const INPUT = "input";
const SAMPLE = "latent/z";

/** A model of version 1 of the codec, which knew three families, as a graph. */
export function graphOfParts({ family, parts, inputShape, outputShape, parameters, latent }: PartsModel): Model {
  const nodes: ModelNode[] = [];
  const groups: ModelGroup[] = [];
  let from = INPUT;
  for (const part of parts) {
    const before = nodes.length;
    const input = from;
    if (part.name === "latent" && latent !== undefined) {
      const heads = part.layers.map((layer) => toNode(layer, [input]));
      nodes.push(...heads, samplingNode(latent, heads));
      from = SAMPLE;
    } else for (const layer of part.layers) from = addLayer(layer, from, nodes);
    if (family !== "sequential") {
      groups.push({
        name: part.name,
        nodes: nodes.slice(before).map(({ name }) => name),
        input,
        output: from,
        role: part.name,
      });
    }
  }
  return {
    inputs: [{ name: INPUT, column: null, shape: inputShape }],
    nodes,
    outputs: outputsOf(family, from, outputShape, parts, groups),
    groups,
    parameters,
  };
}

function outputsOf(
  family: PartsModel["family"],
  last: string,
  shape: readonly number[],
  parts: PartsModel["parts"],
  groups: readonly ModelGroup[],
): readonly ModelOutput[] {
  if (family === "sequential") return [{ name: "output", node: last, shape, target: "label" }];
  const code = parts.at(-1)?.inputShape ?? [];
  const rebuilt: ModelOutput = { name: "reconstruction", node: last, shape, target: `input:${INPUT}` };
  if (family === "autoencoder") return [{ name: "code", node: groups[0]?.output ?? INPUT, shape: code }, rebuilt];
  return [
    { name: "mean", node: "latent/mean", shape: code },
    rebuilt,
    { name: "scale", node: "latent/scale", shape: code },
    { name: "z", node: SAMPLE, shape: code },
  ];
}

function addLayer(layer: LayerRecord, from: string, nodes: ModelNode[]): string {
  const ends = layer.branches?.map((branch) => branch.reduce((at, inner) => addLayer(inner, at, nodes), from));
  nodes.push(toNode(layer, ends ?? [from]));
  return layer.name;
}

/** What belongs to layers of its branches is counted with these. */
function toNode({ name, kind, params, outputShape, parameters, branches }: LayerRecord, from: string[]): ModelNode {
  const own = branches === undefined ? parameters : 0;
  return { name, kind, params, from, shape: outputShape, parameters: own, trainable: true };
}

function samplingNode({ noise, scale }: NonNullable<PartsModel["latent"]>, heads: readonly ModelNode[]): ModelNode {
  const shape = heads[0]?.shape ?? [];
  return {
    name: SAMPLE,
    kind: "sampling",
    params: { noise, scale, stream: "noise" },
    from: heads.map(({ name }) => name),
    shape,
    parameters: 0,
    trainable: true,
  };
}
