import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "./json.js";

/** A SHA-256 in lower-case hexadecimal, 64 characters. Names bytes, manifests and fingerprints alike. */
export type Digest = string;

export function digestBytes(bytes: Uint8Array | string): Digest {
  return createHash("sha256").update(bytes).digest("hex");
}

export function digestJson(value: Json): Digest {
  return digestBytes(canonicalJson(value));
}

/** How a digest is shown to people: enough to distinguish two. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}
