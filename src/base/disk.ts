import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { err, ok, type Result } from "./result.js";

/** Why a file could not be read. */
export interface DiskProblem {
  readonly why: "missing" | "directory" | "denied" | "other";
  /** What the system said, for `other`. */
  readonly detail: string;
}

export interface FileSlice {
  readonly from: number;
  readonly length: number;
}

/** The file system as far as reading goes: small, so that tests can replace it. Paths are absolute. */
export interface Disk {
  /** Size of a regular file in bytes. */
  size(path: string): Result<number, DiskProblem>;
  /** The whole file, or the part of the slice that exists. */
  read(path: string, slice?: FileSlice): Result<Uint8Array, DiskProblem>;
}

export const nodeDisk: Disk = {
  size: (path) => withFile(path, (_, bytes) => bytes),
  read: (path, slice) => withFile(path, (handle, bytes) => readSlice(handle, slice ?? { from: 0, length: bytes })),
};

function withFile<T>(path: string, use: (handle: number, bytes: number) => T): Result<T, DiskProblem> {
  try {
    const kind = statSync(path);
    // Opening a named pipe waits for a writer, and no device has a size.
    if (!kind.isFile() && !kind.isDirectory()) return err({ why: "other", detail: "it is not a regular file" });
    const handle = openSync(path, "r");
    try {
      const stat = fstatSync(handle);
      if (stat.isDirectory()) return err({ why: "directory", detail: "" });
      return ok(use(handle, stat.size));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return err(problemOf(error as NodeJS.ErrnoException));
  }
}

function readSlice(handle: number, { from, length }: FileSlice): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(handle, bytes, done, length - done, from + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

function problemOf(error: NodeJS.ErrnoException): DiskProblem {
  // A NUL byte or an over-long name cannot name a file that exists.
  const missing = ["ENOENT", "ENOTDIR", "ERR_INVALID_ARG_VALUE", "ENAMETOOLONG"];
  if (missing.includes(error.code ?? "")) return { why: "missing", detail: error.message };
  if (error.code === "EISDIR") return { why: "directory", detail: "" };
  if (error.code === "EACCES" || error.code === "EPERM") return { why: "denied", detail: error.message };
  return { why: "other", detail: error.message };
}

/**
 * Writes a file whole or not at all, so that a full disk leaves what was there before; throws what the system says. What is
 * no plain file (a device, a link) is written through.
 */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    writeFileSync(path, content);
    return;
  }
  const partial = `${path}.partial-${process.pid}`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/**
 * Makes a folder, and those above it that are missing; throws what the system says. Not `mkdirSync` with `recursive`:
 * on Node 20 that never returns where the parent exists but takes no folders, as in /proc.
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it since we looked.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
