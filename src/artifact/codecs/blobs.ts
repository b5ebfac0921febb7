import { type DType, ITEM_BYTES } from "../../base/dtype.js";
import type { Json, JsonObject } from "../../base/json.js";
import type { Encoded } from "../codec.js";
import { type BytesRef, bytesInMemory, bytesInParts, sizeOf, type Tensor } from "../tensor.js";

/** Collects an artifact's byte strings under unique names while its description is written. */
export class BlobWriter {
  readonly #blobs = new Map<string, BytesRef>();

  /** Files the tensor's bytes under `name`; returns its description for the manifest. Loads nothing. */
  tensor(name: string, tensor: Tensor): JsonObject {
    const expected = sizeOf(tensor.shape) * ITEM_BYTES[tensor.dtype];
    if (tensor.bytes.length !== expected) {
      throw new Error(
        `tensor ${name}: ${tensor.dtype} [${tensor.shape}] needs ${expected} bytes, not ${tensor.bytes.length}`,
      );
    }
    const { dtype, shape, scale, offset } = tensor;
    const { parts } = tensor.bytes;
    if (parts === undefined) this.bytes(name, tensor.bytes);
    else for (const [i, part] of parts.entries()) this.bytes(`${name}/${i}`, part);
    return { blob: name, ...(parts && { parts: parts.length }), dtype, shape, scale, offset };
  }

  /** Files bytes under `name`, which is returned. */
  bytes(name: string, bytes: BytesRef | Uint8Array): string {
    this.#add(name, bytes instanceof Uint8Array ? bytesInMemory(bytes) : bytes);
    return name;
  }

  finish(meta: Json): Encoded {
    return { meta, blobs: Object.fromEntries(this.#blobs) };
  }

  #add(name: string, bytes: BytesRef): void {
    if (this.#blobs.has(name)) throw new Error(`two byte strings of one artifact are called ${name}`);
    this.#blobs.set(name, bytes);
  }
}

/** What `BlobWriter.tensor` writes. */
export interface TensorMeta<D extends DType = DType> {
  readonly blob: string;
  /** How many byte strings `blob/0`, `blob/1`, … there are instead of one, each of whole items. */
  readonly parts?: number;
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** The tensor that `meta` describes; its bytes are loaded when they are used. */
export function readTensor<D extends DType>(encoded: Encoded, meta: TensorMeta<D>): Tensor<D> {
  const { blob, dtype, shape, scale, offset } = meta;
  const bytes =
    meta.parts === undefined
      ? readBlob(encoded, blob)
      : bytesInParts(Array.from({ length: meta.parts }, (_, i) => readBlob(encoded, `${blob}/${i}`)));
  return { dtype, shape, scale, offset, bytes };
}

export function readBlob(encoded: Encoded, name: string): BytesRef {
  const blob = encoded.blobs[name];
  if (blob === undefined) throw new Error(`the manifest names no byte string ${name}`);
  return blob;
}

/**
 * `[key, value]` pairs. Canonical JSON sorts the keys of objects, so what has an order of its own (train before
 * test, loss before its parts) travels as a list.
 */
export type Pairs<T> = readonly (readonly [string, T])[];

export function toPairs<T, R>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => R): Pairs<R> {
  return Object.entries(record).map(([key, value]) => [key, map(value, key)]);
}

export function fromPairs<T, R>(pairs: Pairs<T>, map: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(pairs.map(([key, value]) => [key, map(value, key)]));
}

/** Refuses what JSON has no form for, with a name to look for. */
export function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new Error(`${what} is ${value}: an artifact holds finite numbers or null`);
  return value;
}
