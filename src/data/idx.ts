/**
 * The IDX format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type byte, the number
 * of dimensions, each dimension as a big-endian 32-bit number, then the elements, row-major. Raw or gzip.
 */
import { constants, gunzipSync } from "node:zlib";
import type { Disk, DiskProblem } from "../base/disk.js";
import { err, ok, type Result } from "../base/result.js";

/** Elements of an IDX file of unsigned bytes. */
export interface IdxArray {
  /** `[60000, 28, 28]`, items first. */
  readonly shape: readonly number[];
  /** Row-major; a view into the file's bytes where it was not compressed. */
  readonly data: Uint8Array;
}

/** What is wrong with an IDX file, ready to become a diagnostic. */
export interface IdxProblem {
  /** `idx-magic`, `idx-type`, `idx-truncated`, `idx-too-long`, `idx-gzip`. */
  readonly code: string;
  /** Without the file's name: "is cut short". */
  readonly message: string;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;
}

/** Type bytes of the format; only unsigned bytes are read. */
const types: Readonly<Record<number, string>> = {
  8: "unsigned bytes",
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "32-bit floats",
  14: "64-bit floats",
};

/** Most dimensions that a file may have: a header beyond that is damage, not data. */
const maxRank = 8;
const longestHeader = 4 + 4 * maxRank;

/** Reads a whole file's bytes; gzip is recognized by its magic number. */
export function parseIdx(file: Uint8Array): Result<IdxArray, IdxProblem> {
  const unpacked = unpack(file);
  if (!unpacked.ok) return unpacked;
  const bytes = unpacked.value;
  const header = parseHeader(bytes, bytes.length);
  if (!header.ok) return header;
  return ok({ shape: header.value, data: bytes.subarray(4 + 4 * header.value.length) });
}

/** Checks header and size without reading the elements. */
export function inspectIdx(disk: Disk, path: string): Result<readonly number[], IdxProblem | DiskProblem> {
  const size = disk.size(path);
  if (!size.ok) return size;
  const head = disk.read(path, { from: 0, length: 4096 });
  if (!head.ok) return head;
  if (!isGzip(head.value)) return parseHeader(head.value, size.value);
  return inspectPacked(disk, path, head.value, size.value);
}

/**
 * A gzip file ends with its unpacked size, and its first bytes can be unpacked alone. Where the two do not fit (damage,
 * or several files in one), only unpacking everything tells.
 */
function inspectPacked(
  disk: Disk,
  path: string,
  head: Uint8Array,
  size: number,
): Result<readonly number[], IdxProblem | DiskProblem> {
  const tail = disk.read(path, { from: Math.max(0, size - 4), length: 4 });
  if (!tail.ok) return tail;
  const start = unpackStart(head);
  if (start !== null && tail.value.length === 4) {
    const quick = parseHeader(start, new DataView(tail.value.buffer, tail.value.byteOffset).getUint32(0, true));
    if (quick.ok) return quick;
  }
  const whole = disk.read(path);
  if (!whole.ok) return whole;
  const array = parseIdx(whole.value);
  return array.ok ? ok(array.value.shape) : array;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpackStart(head: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, longestHeader);
  } catch {
    return null;
  }
}

function unpack(file: Uint8Array): Result<Uint8Array, IdxProblem> {
  if (!isGzip(file)) return ok(file);
  try {
    return ok(gunzipSync(file));
  } catch (error) {
    return err({
      code: "idx-gzip",
      message: "cannot be unpacked",
      received: `gzip data of ${file.length} bytes: ${(error as Error).message}`,
      expected: "a whole gzip file",
      fix: "Download or copy the file again.",
    });
  }
}

/** @returns the shape, if `total` bytes are what it asks for. */
function parseHeader(bytes: Uint8Array, total: number): Result<readonly number[], IdxProblem> {
  const rank = bytes[3] ?? 0;
  if (total < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank < 1 || rank > maxRank || !(types[bytes[2] ?? 0] ?? "")) {
    return err({
      code: "idx-magic",
      message: "is not an IDX file",
      received: total === 0 ? "an empty file" : `first bytes ${hex(bytes.subarray(0, 4))}`,
      expected: "first bytes 00 00 08 and the number of dimensions",
      fix: "Name an IDX file, raw or compressed with gzip.",
    });
  }
  const type = bytes[2] as number;
  if (type !== 8) {
    return err({
      code: "idx-type",
      message: `holds ${types[type]}`,
      received: `type ${hex(bytes.subarray(2, 3))} (${types[type]})`,
      expected: "type 08 (unsigned bytes)",
      fix: "Convert the file to unsigned bytes.",
    });
  }
  const header = 4 + 4 * rank;
  if (total < header) return err(truncated(total, `a header of ${header} bytes`));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const wanted = shape.reduce((product, n) => product * n, 1) + header;
  if (total < wanted) return err(truncated(total, `${wanted} bytes for shape [${shape.join(", ")}]`));
  if (total > wanted) {
    return err({
      code: "idx-too-long",
      message: "is longer than its header says",
      received: `${total} bytes`,
      expected: `${wanted} bytes for shape [${shape.join(", ")}]`,
      fix: "Download or copy the file again.",
    });
  }
  return ok(shape);
}

function truncated(total: number, expected: string): IdxProblem {
  return {
    code: "idx-truncated",
    message: "is cut short",
    received: `${total} bytes`,
    expected,
    fix: "Download or copy the file again.",
  };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
