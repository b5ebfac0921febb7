import { decoderOf, type Model, type ModelNode, sourceNamed } from "../../artifact/graph.js";
import { storedValues } from "../../artifact/tensor.js";
import type { Weights } from "../../artifact/types.js";
import type { Json } from "../../base/json.js";
import { layerFacts } from "../../layers/index.js";
import type { ChartSource, VariantLook } from "../chart.js";
import type { PictureFormat } from "./pictures.js";

/** Several charts use the same decoder: it has one name, and stands in the page once. */
export function decoderName(variant: VariantLook): string {
  return `decoder-${variant.index}`;
}

/** Activations that `page/decoder.ts` knows. */
const ACTIVATIONS = new Set(["linear", "relu", "sigmoid", "tanh", "elu", "softplus"]);
/** A decoder beyond this many weights would make the page heavy. */
const MAX_WEIGHTS = 400_000;

/**
 * The decoder for use in the page, in the form of `PackedDecoder`; null where it is no chain of layers that the page can
 * compute, is too large, or its weights are not there.
 */
export function packDecoder({ model, weights }: ChartSource["artifacts"], format: PictureFormat): Json {
  const chain = model === undefined ? null : decoderChain(model);
  if (model === undefined || chain === null || !weights) return null;
  const layers: Json[] = [];
  let size = 0;
  for (const node of chain) {
    const keeps = layerFacts(node.kind)?.keeps;
    if (keeps === "use" || keeps === "order") continue;
    const packed = packLayer(model, node, weights);
    if (packed === null) return null;
    size += packed.inputs * packed.outputs;
    if (size > MAX_WEIGHTS) return null;
    layers.push(packed as unknown as Json);
  }
  const { channels = 1, low, high } = format;
  const { width, height } = format.full ?? format;
  return { width, height, channels, low, high, layers };
}

/** The decoder's layers from the code to its output; null where they are not one after the other. */
function decoderChain(model: Model): readonly ModelNode[] | null {
  const decoder = decoderOf(model);
  if (decoder === null) return null;
  const nodes = model.nodes.filter(({ name }) => decoder.nodes.includes(name));
  const isChain = nodes.every(({ from }, i) => {
    return from.length === 1 && from[0] === (i === 0 ? decoder.input : nodes[i - 1]?.name);
  });
  return isChain && nodes.at(-1)?.name === decoder.output ? nodes : null;
}

function packLayer(model: Model, node: ModelNode, weights: Weights) {
  const form = layerFacts(node.kind)?.page?.(node.params);
  if (form === undefined || !ACTIVATIONS.has(form.activation)) return null;
  const owner = node.sharedWith ?? node.name;
  const kernel = weightOf(weights, `${owner}/${form.kernel}`);
  const bias = weightOf(weights, `${owner}/${form.bias}`);
  const [inputs = 0, outputs = 0] = [sourceNamed(model, node.from[0] as string).shape[0], node.shape[0]];
  if (!kernel || kernel.length !== inputs * outputs) return null;
  const { activation } = form;
  return { inputs, outputs, activation, kernel: packTensor(kernel), bias: bias ? packTensor(bias) : null };
}

function weightOf(weights: Weights, name: string): Float32Array | null {
  const found = weights.tensors.find((weight) => weight.name === name);
  return found ? storedValues(found.tensor) : null;
}

/** 16-bit steps between the smallest and the largest value; exact to a hundred-thousandth of that span. */
function packTensor(values: Float32Array): { min: number; max: number; data: string } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const step = (max - min) / 65535 || 1;
  const out = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => {
    out.writeUInt16LE(Math.round((value - min) / step), 2 * i);
  });
  return { min, max, data: out.toString("base64") };
}
