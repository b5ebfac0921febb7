import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { makeFolder } from "../base/disk.js";
import { diskAdvice } from "../base/disk-failure.js";
import { err, ok, type Result } from "../base/result.js";

/**
 * Makes a file, and the folders on the way. It gets its name when it is whole: what is cut short by a full disk or an
 * interruption can be taken for nothing.
 * @param shown the path as its user would type it.
 * @param write writes to the path it is given.
 * @returns how many bytes it has, or why it cannot be written.
 */
export function makeFile(path: string, shown: string, write: (path: string) => void): Result<number, Diagnostic[]> {
  const partial = `${path}.partial`;
  try {
    makeFolder(dirname(path));
    write(partial);
    renameSync(partial, path);
    return ok(statSync(path).size);
  } catch (error) {
    discard(partial);
    // Whatever else is thrown is no fault of the disk.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    const message = `cannot write ${shown}: ${(error as Error).message}`;
    const fix = diskAdvice(error, "choose another place with --output");
    return err([{ code: "output-unwritable", severity: "error", message, fix }]);
  }
}

/** What is left of it may be nothing, or out of reach for the same reason that it could not be written for. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Bytes one after the other into a file. */
export function writeBytes(path: string, parts: Iterable<Uint8Array>): void {
  const file = openSync(path, "w");
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done);
    }
  } finally {
    closeSync(file);
  }
}
