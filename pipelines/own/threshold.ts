/** 1 for every value that is at least `limit`, else 0. */
export function atLeast(limit: number, values: Float32Array): Uint8Array {
  const bits = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = (values[i] as number) >= limit ? 1 : 0;
  return bits;
}
