import type { Digest } from "../base/digest.js";

export type DType = "uint8" | "int32" | "float32";
export interface TypedArrays {
  uint8: Uint8Array;
  int32: Int32Array;
  float32: Float32Array;
}

/** Bytes that are in memory, or that a store can fetch by their digest when somebody asks. */
export interface BytesRef {
  readonly length: number;
  /** Known when the bytes came from a store or were hashed before. */
  readonly digest?: Digest;
  /** Fetches on first use and keeps. Little-endian. */
  load(): Uint8Array;
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
  return { length: bytes.byteLength, load: () => bytes };
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

/** The stored elements, without scale and offset. A view where alignment allows, else a copy. */
export function storedValues<D extends DType>(tensor: Tensor<D>): TypedArrays[D] {
  const bytes = tensor.bytes.load();
  if (tensor.dtype === "uint8") return bytes as TypedArrays[D];
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const length = aligned.byteLength / 4;
  const data =
    tensor.dtype === "int32"
      ? new Int32Array(aligned.buffer, aligned.byteOffset, length)
      : new Float32Array(aligned.buffer, aligned.byteOffset, length);
  return data as TypedArrays[D];
}

/** Elements `from … from+count` of the flat array as float32 values, scale and offset applied. */
export function floatValues(tensor: Tensor, from = 0, count = sizeOf(tensor.shape) - from): Float32Array {
  const stored = storedValues(tensor);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = (stored[from + i] as number) * tensor.scale + tensor.offset;
  return out;
}

/** Smallest and largest value, scale and offset applied; `[0, 0]` of an empty tensor. */
export function valueRange(tensor: Tensor): readonly [number, number] {
  const stored = storedValues(tensor);
  let low = stored[0] ?? 0;
  let high = low;
  for (let i = 1; i < stored.length; i++) {
    const value = stored[i] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  const ends = [low * tensor.scale + tensor.offset, high * tensor.scale + tensor.offset] as const;
  return tensor.scale < 0 ? [ends[1], ends[0]] : ends;
}
