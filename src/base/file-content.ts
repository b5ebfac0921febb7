/** Users' files, hashed while they are read: what was digested is what was seen, whatever else happens to the file. */
import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Digest } from "./digest.js";

const CHUNK_BYTES = 1 << 22;

/** More than the header of any format. */
const START_BYTES = 4096;

export interface FileContent {
  /** Its beginning, as much as was asked for. */
  readonly bytes: Uint8Array;
  /** Of the whole file. */
  readonly size: number;
  /** Of the whole file. */
  readonly digest: Digest;
  /** Of the whole file: the sum by which publishers of data name it. */
  readonly md5: string;
}

/**
 * One pass from the file's beginning to its end. Throws what the system says.
 * @param wanted how many bytes to keep, decided from the first few thousand; without it, all.
 */
export function readDigested(path: string, wanted: (start: Uint8Array) => number = () => Infinity): FileContent {
  const file = openSync(path, "r");
  try {
    const [sha256, md5] = [createHash("sha256"), createHash("md5")];
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let size = 0;
    let most = 0;
    let kept = new Uint8Array();
    for (let n = fill(file, chunk); n > 0; n = fill(file, chunk)) {
      const read = chunk.subarray(0, n);
      sha256.update(read);
      md5.update(read);
      if (size === 0) {
        most = wanted(read.subarray(0, START_BYTES));
        kept = new Uint8Array(Math.min(most, Math.max(fstatSync(file).size, n)));
      }
      const keep = read.subarray(0, Math.max(0, most - size));
      // It grows while it is read.
      if (size + keep.length > kept.length) kept = Buffer.concat([kept.subarray(0, size), keep]);
      else kept.set(keep, Math.min(size, kept.length));
      size += n;
    }
    return { bytes: kept.subarray(0, size), size, digest: sha256.digest("hex"), md5: md5.digest("hex") };
  } finally {
    closeSync(file);
  }
}

/** As many bytes as there are room for, unless the file ends. */
function fill(file: number, buffer: Uint8Array): number {
  let done = 0;
  while (done < buffer.length) {
    const n = readSync(file, buffer, done, buffer.length - done, null);
    if (n === 0) break;
    done += n;
  }
  return done;
}

/** How far the reading of a file is. */
export type ReadProgress = (file: { readonly path: string; readonly done: number; readonly total: number }) => void;

export interface DigestOptions {
  readonly onProgress?: ReadProgress;
  /** Ends it: the promise rejects with the signal's reason. */
  readonly stop?: AbortSignal;
}

/**
 * Hashes a file without holding it, and without holding up whatever else this process has to hear; the next part is
 * read while one is hashed. Rejects with what the system says.
 */
export async function digestFile(
  path: string,
  { onProgress, stop }: DigestOptions = {},
): Promise<{ readonly digest: Digest; readonly before: BigIntStats; readonly after: BigIntStats }> {
  const file = await open(path, "r");
  try {
    const before = await file.stat({ bigint: true });
    const hash = createHash("sha256");
    const total = Number(before.size);
    let [current, other] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
    onProgress?.({ path, done: 0, total });
    let reading = file.read(current, 0, CHUNK_BYTES, 0);
    for (let done = 0; ; ) {
      const { bytesRead } = await reading;
      stop?.throwIfAborted();
      if (bytesRead === 0) break;
      done += bytesRead;
      reading = file.read(other, 0, CHUNK_BYTES, done);
      hash.update(current.subarray(0, bytesRead));
      [current, other] = [other, current];
      onProgress?.({ path, done, total });
    }
    return { digest: hash.digest("hex"), before, after: await file.stat({ bigint: true }) };
  } finally {
    await file.close();
  }
}
