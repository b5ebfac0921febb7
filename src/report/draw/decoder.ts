import type { LayerRecord } from "../../artifact/parts.js";
import { partsOf } from "../../artifact/parts.js";
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
 * The decoder for use in the page, in the form of `PackedDecoder`; null where it has other layers than dense ones, is too large,
 * or its weights are not there.
 */
export function packDecoder({ model, weights }: ChartSource["artifacts"], format: PictureFormat): Json {
  const decoder = (model === undefined ? [] : partsOf(model).parts).find((part) => part.name === "decoder");
  if (!decoder || !weights || decoder.parameters > MAX_WEIGHTS) return null;
  const layers: Json[] = [];
  for (const layer of decoder.layers) {
    const { keeps } = layerFacts(layer.kind);
    if (keeps === "use" || keeps === "order") continue;
    const packed = packLayer(layer, weights);
    if (packed === null) return null;
    layers.push(packed);
  }
  const { channels = 1, low, high } = format;
  const { width, height } = format.full ?? format;
  return { width, height, channels, low, high, layers };
}

function packLayer(layer: LayerRecord, weights: Weights): Json {
  const form = layerFacts(layer.kind).page?.(layer.params);
  if (form === undefined) return null;
  const { activation } = form;
  const kernel = weightOf(weights, `${layer.name}/${form.kernel}`);
  const bias = weightOf(weights, `${layer.name}/${form.bias}`);
  if (!kernel || !ACTIVATIONS.has(activation)) return null;
  const [inputs = 0, outputs = 0] = [layer.inputShape[0], layer.outputShape[0]];
  if (kernel.length !== inputs * outputs) return null;
  return { inputs, outputs, activation, kernel: packTensor(kernel), bias: bias ? packTensor(bias) : null };
}

function weightOf(weights: Weights, name: string): Float32Array | null {
  const found = weights.tensors.find((weight) => weight.name === name);
  return found ? storedValues(found.tensor) : null;
}

/** 16-bit steps between the smallest and the largest value; exact to a hundred-thousandth of that span. */
export function packTensor(values: Float32Array): { min: number; max: number; data: string } {
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
