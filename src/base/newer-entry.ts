import type { Digest } from "./digest.js";

/**
 * An artifact that a later version of the program stored, in a format that this one does not know. It is not damaged: nothing is
 * dropped or made again, because the later version can still use it.
 */
export class NewerEntry extends Error {
  readonly digest: Digest;
  readonly kind: string;
  readonly found: number;
  readonly known: number;

  /** @param found the version of the format in which it is stored; `known` is the newest one that can be read. */
  constructor(digest: Digest, kind: string, found: number, known: number) {
    super(`cache entry ${digest} is written in format ${found} of ${kind}; the newest known is ${known}`);
    this.digest = digest;
    this.kind = kind;
    this.found = found;
    this.known = known;
  }
}
