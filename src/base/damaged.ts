import type { Digest } from "./digest.js";

/**
 * Bytes that are gone, that do not hash to their name, or whose content cannot be read. The code that
 * reads one drops the entry and makes it again; it is never used.
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
