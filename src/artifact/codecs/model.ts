import type { Json } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { Model } from "../graph.js";
import { graphOfParts, type PartsModel } from "./model-1.js";

/** A model that is part of another artifact's JSON, where no codec stands between: of this version or of the one before. */
export function modelOf(json: Json): Model {
  return "parts" in (json as object) ? graphOfParts(json as unknown as PartsModel) : (json as unknown as Model);
}

/** A model is plain data already: no weights, no bytes. */
export const model: Codec<Model> = {
  version: 2,
  encode: (value) => ({ meta: value as unknown as Json, blobs: {} }),
  decode: ({ meta }) => meta as unknown as Model,
  older: { 1: ({ meta }) => graphOfParts(meta as unknown as PartsModel) },
};
