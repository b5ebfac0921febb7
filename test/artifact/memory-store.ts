import type { Manifest } from "../../src/artifact/codec.js";
import type { ArtifactStore } from "../../src/artifact/io.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import { type Digest, digestBytes, digestJson } from "../../src/base/digest.js";
import { canonicalJson, type Json } from "../../src/base/json.js";

/** A store in memory that counts what costs time: hashing bytes to put them, and reading them. */
export class MemoryStore implements ArtifactStore {
  puts = 0;
  reads = 0;
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly manifests = new Map<Digest, string>();

  putBlob(bytes: Uint8Array): Digest {
    this.puts++;
    const digest = digestBytes(bytes);
    this.blobs.set(digest, bytes.slice());
    return digest;
  }

  hasBlob(digest: Digest): boolean {
    return this.blobs.has(digest);
  }

  readBlob(digest: Digest): Uint8Array {
    this.reads++;
    const bytes = this.blobs.get(digest);
    if (bytes === undefined) throw new DamagedEntry(digest, "it is missing");
    return bytes;
  }

  putManifest(manifest: Manifest): Digest {
    const json = manifest as unknown as Json;
    const digest = digestJson(json);
    this.manifests.set(digest, canonicalJson(json));
    return digest;
  }

  readManifest(digest: Digest): Manifest {
    const text = this.manifests.get(digest);
    if (text === undefined) throw new DamagedEntry(digest, "it is missing");
    return JSON.parse(text) as Manifest;
  }
}
