import type { Digest } from "../base/digest.js";
import { type DType, floatArray, type NumberArray, numbersOf, type TypedArrays } from "../base/dtype.js";
import { memory } from "./scratch.js";

export type { DType, NumberArray, TypedArrays } from "../base/dtype.js";

/** Bytes that are in memory, or that a store can fetch by their digest when they are used. */
export interface BytesRef {
  readonly length: number;
  /** Known when the bytes came from a store or were hashed before. */
  readonly digest?: Digest;
  /** Of bytes that are stored in pieces: one after the other they are the whole, and each has whole items. */
  readonly parts?: readonly BytesRef[];
  /** Fetches on first use and keeps. Little-endian. */
  load(): Uint8Array;
  /** The same, without keeping what was fetched: for what is gone through once, or is large. */
  read(): Uint8Array;
}

/**
 * An array with a shape. The value of an element is `stored × scale + offset`, so images stay bytes through
 * `flatten` and `normalize`, which change only the description; the bytes are stored once.
 */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  /** Row-major, e.g. `[60000, 28, 28]`. */
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
  readonly bytes: BytesRef;
}

export function bytesInMemory(bytes: Uint8Array): BytesRef {
  return { length: bytes.byteLength, load: () => bytes, read: () => bytes };
}

/** Pieces as one byte string. A single piece is taken as it is. */
export function bytesInParts(parts: readonly BytesRef[]): BytesRef {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const join = (): Uint8Array => {
    if (length > memory.joinedBytes) throw new Error(`${length} bytes are more than one array may hold`);
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part.read(), at);
      at += part.length;
    }
    return whole;
  };
  let loaded: Uint8Array | undefined;
  let from = 0;
  const inWhole = parts.map((part): BytesRef => {
    const start = from;
    from += part.length;
    const known = () => loaded?.subarray(start, start + part.length);
    return { ...part, load: () => known() ?? part.load(), read: () => known() ?? part.read() };
  });
  return {
    length,
    parts: inWhole,
    load() {
      loaded ??= join();
      return loaded;
    },
    read: () => loaded ?? join(),
  };
}

/** The pieces of a byte string, in order; a single one where it is whole. */
export function partsOf(bytes: BytesRef): readonly BytesRef[] {
  return bytes.parts ?? [bytes];
}

export function tensorOf<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: TypedArrays[D],
  affine: { readonly scale?: number; readonly offset?: number } = {},
): Tensor<D> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, scale: affine.scale ?? 1, offset: affine.offset ?? 0, bytes: bytesInMemory(bytes) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The stored elements, without scale and offset. A view where type and alignment allow, else a copy. */
export function storedValues<D extends DType>(tensor: Tensor<D>): TypedArrays[D] {
  return numbersOf(tensor.dtype, tensor.bytes.load());
}

/** The stored elements piece by piece, of which one at a time is in memory. */
export function* storedParts<D extends DType>({ dtype, bytes }: Tensor<D>): Generator<TypedArrays[D]> {
  for (const part of partsOf(bytes)) yield numbersOf(dtype, part.read());
}

/** Elements `from … from+count` of the flat array as float32 values, scale and offset applied. */
export function floatValues(tensor: Tensor, from = 0, count = sizeOf(tensor.shape) - from): Float32Array {
  return floatArray(storedValues(tensor).subarray(from, from + count), tensor.scale, tensor.offset);
}

const ranges = new WeakMap<BytesRef, readonly [number, number]>();

/** Smallest and largest value, scale and offset applied; `[0, 0]` of an empty tensor. Values that are no number are left out. */
export function valueRange(tensor: Tensor): readonly [number, number] {
  const known = ranges.get(tensor.bytes);
  const [low, high] = known ?? storedRange(tensor);
  if (known === undefined) ranges.set(tensor.bytes, [low, high]);
  const ends = [low * tensor.scale + tensor.offset, high * tensor.scale + tensor.offset] as const;
  return tensor.scale < 0 ? [ends[1], ends[0]] : ends;
}

function storedRange(tensor: Tensor): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const stored of storedParts(tensor)) {
    const [least, most] = rangeOf(stored);
    if (least < low) low = least;
    if (most > high) high = most;
  }
  return low > high ? [0, 0] : [low, high];
}

/** Of plain numbers; of none, infinity and minus infinity. */
export function rangeOf(numbers: NumberArray): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
