/** Temporary files for what is too large to be held: without a name from the start, so that nothing is left of them. */
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Changed by tests only. */
export const memory = {
  /** Most bytes of one column, or of one answer of a model, that are held in memory; more are kept in a file. */
  heldBytes: 256 * 2 ** 20,
  /** Most bytes that are put together from pieces: Node's limit of an array. */
  joinedBytes: 2 ** 31 - 1,
};

let folder = tmpdir();
const open = new Set<ScratchFile>();

/** Runs `work`, whose scratch files lie in this folder, and closes those that it left open. One at a time. */
export async function withScratch<T>(place: string, work: () => Promise<T>): Promise<T> {
  const before = folder;
  folder = place;
  try {
    return await work();
  } finally {
    folder = before;
    for (const file of open) file.close();
  }
}

/** A file that is gone when it is closed, or when its process ends in whatever way. */
export class ScratchFile {
  readonly #file: number;
  readonly #folder = folder;
  #length = 0;

  constructor() {
    // Never a name that a process left when it died between the next two calls.
    const path = join(folder, `.scratch-${process.pid}-${randomUUID()}`);
    this.#file = openSync(path, "wx+");
    unlinkSync(path);
    open.add(this);
  }

  get length(): number {
    return this.#length;
  }

  get isOpen(): boolean {
    return open.has(this);
  }

  append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#length + done);
      }
    } catch (error) {
      // The system knows no path of a file without a name: which disk is full is told by the folder.
      throw Object.assign(error as Error, { path: `a temporary file in ${this.#folder}` });
    }
    this.#length += bytes.length;
  }

  /** Fills `out` with what begins at this place. */
  read(out: Uint8Array, from: number): void {
    for (let done = 0; done < out.length; ) {
      const n = readSync(this.#file, out, done, out.length - done, from + done);
      if (n === 0) throw new Error(`a scratch file of ${this.#length} bytes ends before ${from + out.length}`);
      done += n;
    }
  }

  close(): void {
    if (open.delete(this)) closeSync(this.#file);
  }
}
