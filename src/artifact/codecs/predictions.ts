import type { JsonObject } from "../../base/json.js";
import type { Codec, Encoded } from "../codec.js";
import type { Tensor } from "../tensor.js";
import type { Predictions } from "../types.js";
import { BlobWriter, fromPairs, type Pairs, readTensor, type TensorMeta, toPairs } from "./blobs.js";

/** What an output may or may not say of the items; absent here is absent in the manifest. */
const ANSWERS = ["reconstruction", "probabilities", "logOdds", "values"] as const;
const OPTIONAL = ["latent", "latentScale", ...ANSWERS] as const;

type Present<K extends string> = Readonly<Partial<Record<K, TensorMeta>>>;

interface Meta extends Present<(typeof OPTIONAL)[number]> {
  readonly outputs?: Pairs<Present<(typeof ANSWERS)[number]>>;
  readonly split: string;
  readonly items: number;
  readonly itemLoss: Pairs<TensorMeta<"float32">>;
}

export const predictions: Codec<Predictions> = {
  version: 2,
  encode(value) {
    const blobs = new BlobWriter();
    const written = <K extends string>(keys: readonly K[], from: Readonly<Partial<Record<K, Tensor>>>, prefix = "") => {
      const present: Record<string, JsonObject> = {};
      for (const key of keys) {
        const tensor = from[key];
        if (tensor !== undefined) present[key] = blobs.tensor(`${prefix}${key}`, tensor);
      }
      return present;
    };
    return blobs.finish({
      split: value.split,
      items: value.items,
      ...written(OPTIONAL, value),
      ...(value.outputs && {
        outputs: toPairs(value.outputs, (answers, name) => written(ANSWERS, answers, `outputs/${name}/`)),
      }),
      itemLoss: toPairs(value.itemLoss, (tensor, name) => blobs.tensor(`itemLoss/${name}`, tensor)),
    });
  },
  decode,
  // Every array was one byte string.
  older: { 1: decode },
};

function decode(encoded: Encoded): Predictions {
  const meta = encoded.meta as unknown as Meta;
  const read = <K extends string>(keys: readonly K[], from: Present<K>) => {
    const present: Record<string, Tensor> = {};
    for (const key of keys) {
      const tensor = from[key];
      if (tensor !== undefined) present[key] = readTensor(encoded, tensor);
    }
    return present;
  };
  const outputs = meta.outputs && { outputs: fromPairs(meta.outputs, (answers) => read(ANSWERS, answers)) };
  const itemLoss = fromPairs(meta.itemLoss, (tensor) => readTensor(encoded, tensor));
  return { split: meta.split, items: meta.items, ...read(OPTIONAL, meta), ...outputs, itemLoss };
}
