import type { JsonObject } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { Weights } from "../types.js";
import { BlobWriter, readTensor, type TensorMeta } from "./blobs.js";

interface Meta {
  readonly epoch: number;
  readonly loss: JsonObject;
  readonly shares?: Readonly<Record<string, number>>;
  readonly tensors: readonly TensorMeta<"float32">[];
}

/** Each array is a byte string called by the weight's name. */
export const weights: Codec<Weights> = {
  version: 1,
  encode({ tensors, epoch, loss, shares }) {
    const blobs = new BlobWriter();
    const meta = { epoch, loss, ...(shares === undefined ? {} : { shares }) };
    return blobs.finish({ ...meta, tensors: tensors.map(({ name, tensor }) => blobs.tensor(name, tensor)) });
  },
  decode(encoded) {
    const meta = encoded.meta as unknown as Meta;
    const tensors = meta.tensors.map((tensor) => ({ name: tensor.blob, tensor: readTensor(encoded, tensor) }));
    const { epoch, loss, shares } = meta;
    return { tensors, epoch, loss, ...(shares === undefined ? {} : { shares }) };
  },
};
