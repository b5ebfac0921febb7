/**
 * The IDX format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type byte, the number
 * of dimensions, each dimension as a big-endian 32-bit number, then the elements, row-major and big-endian. Raw or gzip.
 */
import { constants, gunzipSync } from "node:zlib";
import type { Disk, DiskProblem } from "../base/disk.js";
import { type DType, ITEM_BYTES } from "../base/dtype.js";
import { err, ok, type Result } from "../base/result.js";

/** What is wrong with an IDX file, ready to become a diagnostic. */
export interface IdxProblem {
  /** `idx-magic`, `idx-truncated`, `idx-too-long`, `idx-too-large`, `idx-gzip`. */
  readonly code: string;
  /** Without the file's name: "is cut short". */
  readonly message: string;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;
}

export interface IdxHeader {
  readonly dtype: DType;
  /** `[60000, 28, 28]`, items first. */
  readonly shape: readonly number[];
  /** Of an item. */
  readonly itemBytes: number;
  readonly headerBytes: number;
  /** Of a whole file with this header, unpacked. */
  readonly bytes: number;
}

/** Type bytes of the format. */
const types: Readonly<Record<number, DType>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

/** Most dimensions that a file may have: a header beyond that is damage, not data. */
const maxRank = 8;
const longestHeader = 4 + 4 * maxRank;

/** More than enough of a packed file to unpack the longest header, and little enough to unpack whatever it holds. */
const headBytes = 4096;

/** Most that is held at once: Node's limit of an array. Loading goes piece by piece, and has it for single items only. */
export const MOST_BYTES = 2 ** 31 - 1;

/** A whole file in memory; gzip is recognized by its magic number. The elements are big-endian. */
export function parseIdx(file: Uint8Array): Result<{ header: IdxHeader; data: Uint8Array }, IdxProblem> {
  const unpacked = isGzip(file) ? unpack(file) : ok(file);
  if (!unpacked.ok) return unpacked;
  const header = parseHeader(unpacked.value, unpacked.value.length);
  if (!header.ok) return header;
  return ok({ header: header.value, data: unpacked.value.subarray(header.value.headerBytes) });
}

/** Checks header and size without reading the elements, of which a packed file may turn out to have lost some. */
export function inspectIdx(disk: Disk, path: string): Result<IdxHeader, IdxProblem | DiskProblem> {
  const size = disk.size(path);
  if (!size.ok) return size;
  const head = disk.read(path, { from: 0, length: headBytes });
  if (!head.ok) return head;
  return isGzip(head.value) ? inspectPacked(disk, path, head.value, size.value) : parseHeader(head.value, size.value);
}

/**
 * A gzip file ends with its unpacked size modulo 2^32, and its first bytes can be unpacked alone. Where the two do not fit
 * (damage, or several files in one), only unpacking everything tells, which is left to loading where there is much of it.
 */
function inspectPacked(
  disk: Disk,
  path: string,
  head: Uint8Array,
  size: number,
): Result<IdxHeader, IdxProblem | DiskProblem> {
  const tail = disk.read(path, { from: Math.max(0, size - 4), length: 4 });
  if (!tail.ok) return tail;
  const start = unpackStart(head);
  const header = start === null ? null : readHeader(start);
  if (header?.ok && tail.value.length === 4) {
    const unpacked = new DataView(tail.value.buffer, tail.value.byteOffset).getUint32(0, true);
    if (header.value.bytes % 2 ** 32 === unpacked) return header;
  }
  if (header?.ok && isLarge(size, header.value)) return header;
  const whole = disk.read(path);
  if (!whole.ok) return whole;
  const array = parseIdx(whole.value);
  return array.ok ? ok(array.value.header) : array;
}

function isLarge(size: number, { bytes }: IdxHeader): boolean {
  return Math.max(size, bytes) > MOST_BYTES;
}

/**
 * Reads a packed file to its end, as loading will; one that is not packed has its size and nothing else to check. What is
 * larger than an array can be is left to loading.
 */
export function inspectPack(disk: Disk, path: string): Result<null, IdxProblem | DiskProblem> {
  const [head, size] = [disk.read(path, { from: 0, length: headBytes }), disk.size(path)];
  if (!head.ok) return head;
  if (!size.ok) return size;
  if (!isGzip(head.value)) return ok(null);
  const header = readHeader(unpackStart(head.value) ?? new Uint8Array());
  if (header.ok && isLarge(size.value, header.value)) return ok(null);
  const whole = disk.read(path);
  if (!whole.ok) return whole;
  const array = parseIdx(whole.value);
  return array.ok ? ok(null) : array;
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpackStart(head: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, longestHeader);
  } catch {
    return null;
  }
}

/** Never more than the header says, and a byte that shows that there is more: a small file may unpack to gigabytes. */
function unpack(file: Uint8Array): Result<Uint8Array, IdxProblem> {
  const start = unpackStart(file.subarray(0, headBytes));
  const header = start === null ? null : readHeader(start);
  if (header !== null && !header.ok && file.length > headBytes) return header;
  if (header?.ok && isLarge(file.length, header.value)) return err(tooLarge(header.value));
  try {
    return ok(gunzipSync(file, { maxOutputLength: header?.ok ? header.value.bytes + 1 : MOST_BYTES }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (header?.ok && code === "ERR_BUFFER_TOO_LARGE") return err(tooLong("more bytes", header.value));
    return err(unpackable(`gzip data of ${file.length} bytes`, message));
  }
}

/** @returns the header, if a file with it has `total` bytes. */
function parseHeader(bytes: Uint8Array, total: number): Result<IdxHeader, IdxProblem> {
  const header = readHeader(bytes);
  return header.ok ? checkSize(header.value, total) : header;
}

export function checkSize(header: IdxHeader, total: number): Result<IdxHeader, IdxProblem> {
  const { bytes, shape } = header;
  if (total < bytes) return err(truncated(total, `${bytes} bytes for shape [${shape.join(", ")}]`));
  return total > bytes ? err(tooLong(`${total} bytes`, header)) : ok(header);
}

/** @param bytes the file, or as much of its beginning as the longest header has. */
export function readHeader(bytes: Uint8Array): Result<IdxHeader, IdxProblem> {
  const rank = bytes[3] ?? 0;
  const dtype = types[bytes[2] ?? 0];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank < 1 || rank > maxRank || dtype === undefined) {
    return err({
      code: "idx-magic",
      message: "is not an IDX file",
      received: bytes.length === 0 ? "an empty file" : `first bytes ${hex(bytes.subarray(0, 4))}`,
      expected: "first bytes 00 00, a type such as 08, and the number of dimensions",
      fix: "Name an IDX file, raw or compressed with gzip.",
    });
  }
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) return err(truncated(bytes.length, `a header of ${headerBytes} bytes`));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const itemBytes = shape.slice(1).reduce((all, n) => all * n, ITEM_BYTES[dtype]);
  return ok({ dtype, shape, itemBytes, headerBytes, bytes: headerBytes + (shape[0] as number) * itemBytes });
}

/** Big-endian elements become little-endian, in place. */
export function toLittleEndian(dtype: DType, bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (ITEM_BYTES[dtype] === 2) buffer.swap16();
  if (ITEM_BYTES[dtype] === 4) buffer.swap32();
  if (ITEM_BYTES[dtype] === 8) buffer.swap64();
}

export function unpackable(received: string, why: string): IdxProblem {
  return {
    code: "idx-gzip",
    message: "cannot be unpacked",
    received: `${received}: ${why}`,
    expected: "a whole gzip file",
    fix: "Download or copy the file again.",
  };
}

export function tooLarge({ bytes, itemBytes }: IdxHeader): IdxProblem {
  const item = itemBytes > MOST_BYTES;
  return {
    code: "idx-too-large",
    message: item ? "has items that are too large to be held" : "is too large to be unpacked at once",
    received: item ? `items of ${itemBytes} bytes` : `${bytes} bytes when it is unpacked`,
    expected: `at most ${MOST_BYTES} bytes (2 GiB)`,
    fix: item ? "Make the items smaller." : "Unpack the file.",
  };
}

export function tooLong(received: string, { shape, bytes }: IdxHeader): IdxProblem {
  return {
    code: "idx-too-long",
    message: "is longer than its header says",
    received,
    expected: `${bytes} bytes for shape [${shape.join(", ")}]`,
    fix: "Download or copy the file again.",
  };
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
