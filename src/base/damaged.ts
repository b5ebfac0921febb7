import type { Digest } from "./digest.js";

/**
 * Bytes that are gone, that do not hash to their name, or that say something this version cannot read. Whoever
 * meets one has the entry dropped and made again; it is never used.
 */
export class DamagedEntry extends Error {
  readonly digest: Digest;
  /** A clause to go behind the digest: `it is missing`. */
  readonly why: string;
  constructor(digest: Digest, why: string) {
    super(`cache entry ${digest} is damaged: ${why}`);
    this.digest = digest;
    this.why = why;
  }
}
