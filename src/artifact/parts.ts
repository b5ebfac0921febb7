import type { JsonObject } from "../base/json.js";
import { decoderOf, type Model, type ModelNode, samplingOf, sourceNamed, trainedOutputs } from "./graph.js";

export type ModelFamily = "sequential" | "autoencoder" | "variational-autoencoder";

export interface LayerRecord {
  readonly name: string;
  readonly kind: string;
  readonly params: JsonObject;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Layers of each branch, for kinds that take branches (`add`, `concatenate`). */
  readonly branches?: readonly (readonly LayerRecord[])[];
}

export interface ModelPart {
  /** `model` for a sequential model; else `encoder`, `latent`, `decoder`. */
  readonly name: string;
  readonly layers: readonly LayerRecord[];
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly parameters: number;
}

/** A model of one of the three families as it was described before there were graphs. */
export interface PartsModel {
  readonly family: ModelFamily;
  readonly parts: readonly ModelPart[];
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly parameters: number;
  readonly latent?: { readonly units: number; readonly noise: number; readonly scale: "exp" | "exp-half" };
}

/** The old view of a model, for code that is not yet written for graphs. */
export function partsOf(model: Model): PartsModel {
  const input = model.inputs[0]?.shape ?? [];
  const output = trainedOutputs(model)[0]?.shape ?? [];
  const whole = { inputShape: input, outputShape: output, parameters: model.parameters };
  const decoder = decoderOf(model);
  if (decoder === null) return { family: "sequential", parts: [partOf(model, "model", model.nodes)], ...whole };
  const sampling = samplingOf(model);
  const heads = sampling === null ? [] : [sampling.mean, sampling.scaleFrom];
  const known = new Set([...decoder.nodes, ...heads, sampling?.node.name]);
  const encoder = partOf(
    model,
    "encoder",
    model.nodes.filter(({ name }) => !known.has(name)),
  );
  const decoding = partOf(
    model,
    "decoder",
    model.nodes.filter(({ name }) => decoder.nodes.includes(name)),
  );
  if (sampling === null) return { family: "autoencoder", parts: [encoder, decoding], ...whole };
  const { noise, scale, node } = sampling;
  const latent = partOf(
    model,
    "latent",
    model.nodes.filter(({ name }) => heads.includes(name)),
  );
  return {
    family: "variational-autoencoder",
    parts: [encoder, latent, decoding],
    ...whole,
    latent: { units: node.shape[0] as number, noise, scale },
  };
}

function partOf(model: Model, name: string, nodes: readonly ModelNode[]): ModelPart {
  const [first, last] = [nodes[0], nodes.at(-1)];
  const input = model.inputs[0]?.shape ?? [];
  return {
    name,
    layers: recordsOf(model, nodes),
    inputShape: first === undefined ? input : inputOf(model, first),
    outputShape: last === undefined ? input : last.shape,
    parameters: nodes.reduce((sum, { parameters }) => sum + parameters, 0),
  };
}

/** Nodes that are named after a later one, `add/branch1/dense`, are layers of its branches. */
function recordsOf(model: Model, nodes: readonly ModelNode[]): readonly LayerRecord[] {
  const within = (outer: ModelNode) => nodes.filter(({ name }) => name.startsWith(`${outer.name}/branch`));
  const outer = nodes.filter((node) => !nodes.some((other) => within(other).includes(node)));
  return outer.map((node): LayerRecord => {
    const { name, kind, params, shape, parameters } = node;
    const inner = within(node);
    const record = { name, kind, params, inputShape: inputOf(model, node), outputShape: shape, parameters };
    if (node.from.length < 2) return record;
    const branches = node.from.map((_, i) =>
      recordsOf(
        model,
        inner.filter((each) => each.name.startsWith(`${name}/branch${i + 1}/`)),
      ),
    );
    return {
      ...record,
      inputShape: branches.find((branch) => branch.length > 0)?.[0]?.inputShape ?? record.inputShape,
      parameters: inner.reduce((sum, each) => sum + each.parameters, parameters),
      branches,
    };
  });
}

function inputOf(model: Model, node: ModelNode): readonly number[] {
  return sourceNamed(model, node.from[0] as string).shape;
}
