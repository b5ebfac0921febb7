/** Users' files, hashed while they are read: what was digested is what was seen, whatever else happens to the file. */
import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Digest } from "./digest.js";
import { err, ok, type Result } from "./result.js";

const CHUNK_BYTES = 1 << 22;

/** Of a whole file. */
export interface FileSums {
  readonly size: number;
  readonly digest: Digest;
  /** The checksum that publishers of data state. */
  readonly md5: string;
}

export interface FileContent extends FileSums {
  readonly bytes: Uint8Array;
}

/** The whole file in memory. Throws what the system says. */
export function readDigested(path: string): FileContent {
  const pieces: Uint8Array[] = [];
  const sums = sumsWhileReading(path);
  for (let step = sums.next(); ; step = sums.next()) {
    if (step.done) return { bytes: Buffer.concat(pieces), ...step.value };
    pieces.push(step.value.slice());
  }
}

/**
 * One pass from the file's beginning to its end, digested on the way. What the system says of the file is returned; what
 * `use` throws is thrown.
 * @param use is given a piece at a time, which is good until it is done with it.
 */
export async function readInPieces(
  path: string,
  use: (piece: Uint8Array) => void | Promise<void>,
): Promise<Result<FileSums, Error>> {
  const sums = sumsWhileReading(path);
  try {
    for (;;) {
      const step = nextOf(sums);
      if (!step.ok) return step;
      if (step.value.done) return ok(step.value.value);
      await use(step.value.value);
    }
  } finally {
    sums.return(undefined as never);
  }
}

function nextOf<T, R>(steps: Generator<T, R>): Result<IteratorResult<T, R>, Error> {
  try {
    return ok(steps.next());
  } catch (error) {
    return err(error as Error);
  }
}

function* sumsWhileReading(path: string): Generator<Uint8Array, FileSums> {
  const file = openSync(path, "r");
  try {
    const [sha256, md5] = [createHash("sha256"), createHash("md5")];
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let size = 0;
    for (let n = fill(file, chunk); n > 0; n = fill(file, chunk)) {
      const piece = chunk.subarray(0, n);
      sha256.update(piece);
      md5.update(piece);
      size += n;
      yield piece;
    }
    return { size, digest: sha256.digest("hex"), md5: md5.digest("hex") };
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
