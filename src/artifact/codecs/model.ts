import type { Json } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { Model } from "../types.js";

/** A model is plain data already: no weights, no bytes. */
export const model: Codec<Model> = {
  version: 1,
  encode: (value) => ({ meta: value as unknown as Json, blobs: {} }),
  decode: ({ meta }) => meta as unknown as Model,
};
