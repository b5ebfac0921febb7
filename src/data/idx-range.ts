import type { Disk, DiskProblem } from "../base/disk.js";
import { type DType, isFloat, numbersOf } from "../base/dtype.js";
import { ok, type Result } from "../base/result.js";
import { type IdxProblem, inspectIdx, isGzip, parseIdx, toLittleEndian } from "./idx.js";

/** Of all elements of a file; 0 and 0 without any. */
export interface IdxRange {
  readonly low: number;
  readonly high: number;
  /** Whether all are whole numbers. */
  readonly whole: boolean;
}

/** Bytes of a raw file that are in memory at a time. */
const SLICE_BYTES = 2 ** 22;

/** Reads a file to its end: raw a slice at a time, packed at once. */
export function idxRange(disk: Disk, path: string): Result<IdxRange, IdxProblem | DiskProblem> {
  const range = new Range();
  const head = disk.read(path, { from: 0, length: 2 });
  if (!head.ok) return head;
  if (isGzip(head.value)) {
    const file = disk.read(path);
    const array = file.ok ? parseIdx(file.value) : file;
    if (!array.ok) return array;
    range.add(array.value.header.dtype, array.value.data.slice());
    return ok(range.found);
  }
  const header = inspectIdx(disk, path);
  if (!header.ok) return header;
  const { dtype, headerBytes, bytes } = header.value;
  for (let from = headerBytes; from < bytes; from += SLICE_BYTES) {
    const slice = disk.read(path, { from, length: Math.min(SLICE_BYTES, bytes - from) });
    if (!slice.ok) return slice;
    range.add(dtype, slice.value.slice());
  }
  return ok(range.found);
}

class Range {
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  #whole = true;

  /** @param bytes big-endian; they are changed. */
  add(dtype: DType, bytes: Uint8Array): void {
    toLittleEndian(dtype, bytes);
    const numbers = numbersOf(dtype, bytes);
    for (let i = 0; i < numbers.length; i++) {
      const value = numbers[i] as number;
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
    if (isFloat(dtype)) this.#whole &&= numbers.every((value: number) => Number.isInteger(value));
  }

  get found(): IdxRange {
    if (this.#low > this.#high) return { low: 0, high: 0, whole: this.#whole };
    return { low: this.#low, high: this.#high, whole: this.#whole };
  }
}
