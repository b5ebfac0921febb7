import type { JsonObject } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { Weights } from "../types.js";
import { BlobWriter, readTensor, type TensorMeta } from "./blobs.js";

interface Meta {
  readonly epoch: number;
  readonly loss: JsonObject;
  readonly tensors: readonly TensorMeta<"float32">[];
}

/** Each array is a byte string called by the weight's name. */
export const weights: Codec<Weights> = {
  version: 1,
  encode({ tensors, epoch, loss }) {
    const blobs = new BlobWriter();
    return blobs.finish({ epoch, loss, tensors: tensors.map(({ name, tensor }) => blobs.tensor(name, tensor)) });
  },
  decode(encoded) {
    const meta = encoded.meta as unknown as Meta;
    const tensors = meta.tensors.map((tensor) => ({ name: tensor.blob, tensor: readTensor(encoded, tensor) }));
    return { tensors, epoch: meta.epoch, loss: meta.loss };
  },
};
