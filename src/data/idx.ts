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
  /** Row-major, the first items where only the file's beginning was given; a view into it where it was not packed. */
  readonly data: Uint8Array;
}

/** More than this is not held in memory at a time: Node's reads, hashes and, in older versions, its arrays end there. */
export const MOST_BYTES = 2 ** 31 - 1;

/** What is wrong with an IDX file, ready to become a diagnostic. */
export interface IdxProblem {
  /** `idx-magic`, `idx-type`, `idx-truncated`, `idx-too-long`, `idx-too-large`, `idx-gzip`. */
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

/** More than enough of a packed file to unpack the longest header, and little enough to unpack whatever it holds. */
const headBytes = 4096;

/**
 * Reads a file's bytes; gzip is recognized by its magic number.
 * @param size of the whole file, where `file` is only the beginning of one that is not packed.
 */
export function parseIdx(file: Uint8Array, size = file.length): Result<IdxArray, IdxProblem> {
  const packed = isGzip(file);
  if (packed && size > MOST_BYTES) return err(packTooLarge(`${size} bytes of gzip data`));
  const unpacked = unpack(file);
  if (!unpacked.ok) return unpacked;
  const bytes = unpacked.value;
  const header = parseHeader(bytes, packed ? bytes.length : size);
  if (!header.ok) return header;
  return ok({ shape: header.value, data: bytes.subarray(4 + 4 * header.value.length) });
}

/**
 * How much of the beginning of a file it takes to have its first items; of a packed file that is all. Never more than
 * can be held, which `holdable` reports.
 */
export function bytesOfItems(start: Uint8Array, items = Number.POSITIVE_INFINITY): number {
  const header = isGzip(start) ? null : readHeader(start);
  if (!header?.ok) return MOST_BYTES;
  const [all = 0, ...item] = header.value.shape;
  return Math.min(MOST_BYTES, headerBytes(header.value.shape) + Math.min(all, items) * product(item));
}

/** Reports an error where the first items of an array of this shape, with their header, are more than can be held. */
export function holdable([all = 0, ...item]: readonly number[], items = all): Result<null, IdxProblem> {
  const each = product(item);
  const wanted = headerBytes([all, ...item]) + Math.min(all, items) * each;
  if (wanted <= MOST_BYTES) return ok(null);
  const most = Math.floor((MOST_BYTES - headerBytes([all, ...item])) / each);
  const fix = most > 0 ? `Take at most ${most} items with \`limit\`.` : "Make the items smaller.";
  return err(tooLarge(`${wanted} bytes of ${Math.min(all, items)} items`, fix));
}

/** Checks header and size without reading the elements, of which a packed file may turn out to have lost some. */
export function inspectIdx(disk: Disk, path: string): Result<readonly number[], IdxProblem | DiskProblem> {
  const size = disk.size(path);
  if (!size.ok) return size;
  const head = disk.read(path, { from: 0, length: headBytes });
  if (!head.ok) return head;
  if (!isGzip(head.value)) return parseHeader(head.value, size.value);
  if (size.value > MOST_BYTES) return err(packTooLarge(`${size.value} bytes of gzip data`));
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

/** Reads a packed file to its end, as loading will; one that is not packed has its size and nothing else to check. */
export function inspectPack(disk: Disk, path: string): Result<null, IdxProblem | DiskProblem> {
  const head = disk.read(path, { from: 0, length: 2 });
  if (!head.ok) return head;
  if (!isGzip(head.value)) return ok(null);
  const whole = disk.read(path);
  if (!whole.ok) return whole;
  const array = parseIdx(whole.value);
  return array.ok ? ok(null) : array;
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

/** Never more than the header says, and a byte that shows that there is more: a small file may unpack to gigabytes. */
function unpack(file: Uint8Array): Result<Uint8Array, IdxProblem> {
  if (!isGzip(file)) return ok(file);
  const start = unpackStart(file.subarray(0, headBytes));
  const header = start === null ? null : readHeader(start);
  if (header !== null && !header.ok && file.length > headBytes) return header;
  const bytes = header?.ok ? header.value.bytes : null;
  if (bytes !== null && bytes > MOST_BYTES) return err(packTooLarge(`${bytes} bytes when it is unpacked`));
  try {
    return ok(gunzipSync(file, { maxOutputLength: bytes === null ? MOST_BYTES : bytes + 1 }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (header?.ok && code === "ERR_BUFFER_TOO_LARGE") return err(tooLong("more bytes", header.value));
    return err({
      code: "idx-gzip",
      message: "cannot be unpacked",
      received: `gzip data of ${file.length} bytes: ${message}`,
      expected: "a whole gzip file",
      fix: "Download or copy the file again.",
    });
  }
}

/** @returns the shape, if `total` bytes are what it asks for. */
function parseHeader(bytes: Uint8Array, total: number): Result<readonly number[], IdxProblem> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const { shape, bytes: wanted } = header.value;
  if (total < wanted) return err(truncated(total, `${wanted} bytes for shape [${shape.join(", ")}]`));
  return total > wanted ? err(tooLong(`${total} bytes`, header.value)) : ok(shape);
}

interface Header {
  readonly shape: readonly number[];
  /** Of a whole file with this header. */
  readonly bytes: number;
}

/** @param bytes the file, or as much of its beginning as the longest header has. */
function readHeader(bytes: Uint8Array): Result<Header, IdxProblem> {
  const rank = bytes[3] ?? 0;
  const known = types[bytes[2] ?? 0] !== undefined;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank < 1 || rank > maxRank || !known) {
    return err({
      code: "idx-magic",
      message: "is not an IDX file",
      received: bytes.length === 0 ? "an empty file" : `first bytes ${hex(bytes.subarray(0, 4))}`,
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
  if (bytes.length < header) return err(truncated(bytes.length, `a header of ${header} bytes`));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  return ok({ shape, bytes: product(shape) + header });
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}

function headerBytes(shape: readonly number[]): number {
  return 4 + 4 * shape.length;
}

function packTooLarge(received: string): IdxProblem {
  return tooLarge(received, "Unpack the file, and take the first items with `limit`.");
}

function tooLarge(received: string, fix: string): IdxProblem {
  const expected = `at most ${MOST_BYTES} bytes (2 GiB)`;
  return { code: "idx-too-large", message: "has more than can be held in memory", received, expected, fix };
}

function tooLong(received: string, { shape, bytes }: Header): IdxProblem {
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
