import { DamagedEntry } from "../base/damaged.js";
import type { Digest } from "../base/digest.js";
import type { OutputRecord } from "../base/event.js";
import { canonicalJson, type Json } from "../base/json.js";
import { NewerEntry } from "../base/newer-entry.js";
import type { Codec, Encoded, Manifest } from "./codec.js";
import { codecs } from "./codecs/index.js";
import type { BytesRef } from "./tensor.js";
import type { ArtifactKind, ArtifactTypes } from "./types.js";

/** A place that keeps artifacts: bytes and manifests by digest. */
export interface ArtifactStore {
  /** Stores once; returns the digest. */
  putBlob(bytes: Uint8Array): Digest;
  hasBlob(digest: Digest): boolean;
  /** Throws `DamagedEntry` when the bytes are missing or do not hash to their name. */
  readBlob(digest: Digest): Uint8Array;
  putManifest(manifest: Manifest): Digest;
  readManifest(digest: Digest): Manifest;
}

/**
 * Stores an artifact and returns how records name it. Bytes that the store gave out, or that it has already under
 * a known digest, are neither loaded nor hashed: storing a dataset that only got another shape costs no pass
 * over its images. `bytes` counts every byte string once a use, and the manifest.
 */
export function storeArtifact<K extends ArtifactKind>(
  store: ArtifactStore,
  kind: K,
  value: ArtifactTypes[K],
  name: string = kind,
): OutputRecord {
  const codec = codecs[kind];
  const { meta, blobs } = codec.encode(value);
  const stored = Object.entries(blobs).map(([blob, ref]) => {
    const known = ref.digest !== undefined && store.hasBlob(ref.digest);
    return [blob, { digest: known ? (ref.digest as Digest) : store.putBlob(ref.read()), bytes: ref.length }] as const;
  });
  const manifest: Manifest = { kind, codec: codec.version, meta, blobs: Object.fromEntries(stored) };
  const text = Buffer.byteLength(canonicalJson(manifest as unknown as Json));
  const bytes = stored.reduce((sum, [, blob]) => sum + blob.bytes, text);
  return { name, kind, digest: store.putManifest(manifest), bytes };
}

/**
 * The artifact of this digest, in whatever version of its codec it was stored. Reads its manifest; byte strings are fetched,
 * verified and kept at their first use. Throws `NewerEntry` when a later version of the program stored it, and `DamagedEntry` when
 * the manifest is gone or changed; so do later loads of its bytes. The wrong kind is a bug of the caller and throws an `Error`.
 */
export function fetchArtifact<K extends ArtifactKind>(store: ArtifactStore, kind: K, digest: Digest): ArtifactTypes[K] {
  const manifest = store.readManifest(digest);
  if (manifest.kind !== kind) throw new Error(`artifact ${digest} is of kind ${manifest.kind}, not ${kind}`);
  const decode = decoderOf<ArtifactTypes[K]>(codecs[kind], manifest, digest);
  const blobs = Object.fromEntries(
    Object.entries(manifest.blobs).map(([name, blob]) => [name, bytesInStore(store, blob.digest, blob.bytes)]),
  );
  return decode({ meta: manifest.meta, blobs });
}

function decoderOf<T>(codec: Codec<T>, { kind, codec: found }: Manifest, digest: Digest): (encoded: Encoded) => T {
  if (found === codec.version) return codec.decode;
  const decode = codec.older?.[found];
  if (decode !== undefined) return decode;
  if (found > codec.version) throw new NewerEntry(digest, kind, found, codec.version);
  throw new DamagedEntry(digest, `no version has written format ${found} of ${kind}`);
}

/** Stores bytes before the artifact that they belong to, so that they need not be held until then. */
export function keepBytes(store: ArtifactStore, bytes: Uint8Array): BytesRef {
  return bytesInStore(store, store.putBlob(bytes), bytes.length);
}

function bytesInStore(store: ArtifactStore, digest: Digest, length: number): BytesRef {
  let loaded: Uint8Array | undefined;
  return {
    length,
    digest,
    load() {
      loaded ??= store.readBlob(digest);
      return loaded;
    },
    read: () => loaded ?? store.readBlob(digest),
  };
}
