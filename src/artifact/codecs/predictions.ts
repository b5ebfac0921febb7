import type { JsonObject } from "../../base/json.js";
import type { Codec, Encoded } from "../codec.js";
import type { Tensor } from "../tensor.js";
import type { Predictions } from "../types.js";
import { BlobWriter, fromPairs, type Pairs, readTensor, type TensorMeta, toPairs } from "./blobs.js";

/** What a model may or may not say of its items; absent here is absent in the manifest. */
const OPTIONAL = ["latent", "latentScale", "reconstruction", "probabilities", "logOdds", "values"] as const;

interface Meta extends Readonly<Partial<Record<(typeof OPTIONAL)[number], TensorMeta>>> {
  readonly split: string;
  readonly items: number;
  readonly itemLoss: Pairs<TensorMeta<"float32">>;
}

export const predictions: Codec<Predictions> = {
  version: 2,
  encode(value) {
    const blobs = new BlobWriter();
    const present: Record<string, JsonObject> = {};
    for (const key of OPTIONAL) {
      const tensor = value[key];
      if (tensor !== undefined) present[key] = blobs.tensor(key, tensor);
    }
    return blobs.finish({
      split: value.split,
      items: value.items,
      ...present,
      itemLoss: toPairs(value.itemLoss, (tensor, name) => blobs.tensor(`itemLoss/${name}`, tensor)),
    });
  },
  decode,
  // Every array was one byte string.
  older: { 1: decode },
};

function decode(encoded: Encoded): Predictions {
  const meta = encoded.meta as unknown as Meta;
  const present: Record<string, Tensor> = {};
  for (const key of OPTIONAL) {
    const tensor = meta[key];
    if (tensor !== undefined) present[key] = readTensor(encoded, tensor);
  }
  const itemLoss = fromPairs(meta.itemLoss, (tensor) => readTensor(encoded, tensor));
  return { split: meta.split, items: meta.items, ...present, itemLoss };
}
