/** How numbers are stored: types by name, and typed arrays over their bytes, which are little-endian. */

export interface TypedArrays {
  /** 0 or 1. */
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  /** Decoded to double precision, which is exact up to 2^53. */
  int64: Float64Array;
  uint64: Float64Array;
  /** Decoded to single precision, which is exact. */
  float16: Float32Array;
  float32: Float32Array;
  float64: Float64Array;
}
export type DType = keyof TypedArrays;
export type NumberArray = TypedArrays[DType];

/** Bytes of a stored element. */
export const ITEM_BYTES: Readonly<Record<DType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
};

const views = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export function isFloat(dtype: DType): boolean {
  return dtype.startsWith("float");
}

/** The numbers that these bytes are. A view where type and alignment allow, else a copy. */
export function numbersOf<D extends DType>(dtype: D, bytes: Uint8Array): TypedArrays[D] {
  const each = ITEM_BYTES[dtype];
  const aligned = bytes.byteOffset % each === 0 ? bytes : bytes.slice();
  const stored = new views[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / each);
  return decoded(dtype, stored) as TypedArrays[D];
}

function decoded(dtype: DType, stored: NumberArray | BigInt64Array | BigUint64Array): NumberArray {
  if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) return Float64Array.from(stored, Number);
  return dtype === "float16" ? Float32Array.from(stored, halfValue) : stored;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** `stored × scale + offset`, computed in double precision. */
export function floatArray(stored: NumberArray, scale: number, offset: number): Float32Array {
  const out = new Float32Array(stored.length);
  for (let i = 0; i < out.length; i++) out[i] = (stored[i] as number) * scale + offset;
  return out;
}
