import type { Digest } from "../base/digest.js";
import type { Json } from "../base/json.js";
import type { BytesRef } from "./tensor.js";
import type { ArtifactKind } from "./types.js";

/**
 * How an artifact is stored: canonical JSON that names its byte strings by digest. The digest of that JSON is the
 * artifact's digest, so equal content has one name.
 */
export interface Manifest {
  readonly kind: ArtifactKind;
  /** The version of the codec that wrote it. */
  readonly codec: number;
  readonly meta: Json;
  readonly blobs: Readonly<Record<string, { readonly digest: Digest; readonly bytes: number }>>;
}

/** An artifact taken apart, not stored yet. */
export interface Encoded {
  readonly meta: Json;
  readonly blobs: Readonly<Record<string, BytesRef>>;
}

/**
 * One a kind. `decode(encode(value))` is the same value; blobs are fetched only when used. A change of the stored form raises
 * `version` and keeps the decoder of the form before under `older`, made to return today's type: an upgrade must not lose weights
 * that took a day to train. `test/upgrade` reads stores of earlier versions.
 */
export interface Codec<T> {
  readonly version: number;
  encode(value: T): Encoded;
  decode(encoded: Encoded): T;
  /** Version → decoder, for every version before `version`. */
  readonly older?: Readonly<Record<number, (encoded: Encoded) => T>>;
}
