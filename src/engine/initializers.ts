import { sizeOf } from "../artifact/tensor.js";
import type { RandomStream } from "../base/random.js";
import type { Initializer, InitializerKind, InitializerParams } from "../gen/initializers.js";
import { chosen } from "./choice.js";

type Fill<K extends InitializerKind> = (
  shape: readonly number[],
  stream: RandomStream,
  parameters: InitializerParams[K],
) => Float32Array;

/** A normal distribution cut at two standard deviations has this standard deviation; Keras divides by it. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998, Saxe et al. 2014; as Keras reads them. */
const fills: { readonly [K in InitializerKind]: Fill<K> } = {
  zeros: (shape) => new Float32Array(sizeOf(shape)),
  ones: (shape) => new Float32Array(sizeOf(shape)).fill(1),
  constant: (shape, _, { value }) => new Float32Array(sizeOf(shape)).fill(value),
  identity: (shape, _, { gain }) => identity(shape, gain),
  orthogonal: (shape, stream, { gain }) => orthogonal(shape, stream).map((value) => value * gain),
  randomUniform: (shape, stream, { minval, maxval }) => uniform(sizeOf(shape), minval, maxval, stream),
  randomNormal: (shape, stream, { mean, stddev }) => normal(sizeOf(shape), stddev, stream).map((value) => value + mean),
  truncatedNormal: (shape, stream, { mean, stddev }) =>
    truncatedNormal(sizeOf(shape), stddev, stream).map((value) => value + mean),
  varianceScaling,
  glorotUniform: (shape, stream) =>
    varianceScaling(shape, stream, { scale: 1, mode: "fanAvg", distribution: "uniform" }),
  glorotNormal: (shape, stream) =>
    varianceScaling(shape, stream, { scale: 1, mode: "fanAvg", distribution: "truncatedNormal" }),
  heUniform: (shape, stream) => varianceScaling(shape, stream, { scale: 2, mode: "fanIn", distribution: "uniform" }),
  heNormal: (shape, stream) =>
    varianceScaling(shape, stream, { scale: 2, mode: "fanIn", distribution: "truncatedNormal" }),
  leCunUniform: (shape, stream) => varianceScaling(shape, stream, { scale: 1, mode: "fanIn", distribution: "uniform" }),
  leCunNormal: (shape, stream) =>
    varianceScaling(shape, stream, { scale: 1, mode: "fanIn", distribution: "truncatedNormal" }),
};

/**
 * The initial values of one weight, row-major. They follow from the shape and the stream alone, so every engine starts
 * from the same numbers.
 *
 * @param initializer as resolved parameters name it: `{ glorotUniform: {} }`.
 * @param shape of the weight; of a kernel `[…window, in, out]`.
 */
export function initialValues(initializer: Initializer, shape: readonly number[], stream: RandomStream): Float32Array {
  const { kind, params } = chosen(initializer);
  return fills[kind as InitializerKind](shape, stream, params as never);
}

/** Whether this is the choice of an initializer that there is. */
export function isInitializer(choice: unknown): choice is Initializer {
  const kinds = typeof choice === "object" && choice !== null ? Object.keys(choice) : [];
  return kinds.length === 1 && Object.hasOwn(fills, kinds[0] as string);
}

function varianceScaling(
  shape: readonly number[],
  stream: RandomStream,
  { scale, mode, distribution }: InitializerParams["varianceScaling"],
): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const fan = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
  const variance = scale / Math.max(1, fan);
  const size = sizeOf(shape);
  switch (distribution) {
    case "uniform":
      return uniform(size, -Math.sqrt(3 * variance), Math.sqrt(3 * variance), stream);
    case "normal":
      return normal(size, Math.sqrt(variance), stream);
    case "truncatedNormal":
      return truncatedNormal(size, Math.sqrt(variance) / TRUNCATED_DEVIATION, stream);
  }
}

/** How many values one output sees, and one input feeds; a window counts with all its places. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * (shape.at(-2) as number), fanOut: window * (shape.at(-1) as number) };
}

function uniform(size: number, low: number, high: number, stream: RandomStream): Float32Array {
  return stream.uniforms(new Float32Array(size)).map((value) => low + (high - low) * value);
}

function normal(size: number, deviation: number, stream: RandomStream): Float32Array {
  return stream.normals(new Float32Array(size)).map((value) => value * deviation);
}

/** Values beyond two standard deviations are replaced by the stream's next `size` elements, until none is left. */
function truncatedNormal(size: number, deviation: number, stream: RandomStream): Float32Array {
  const values = stream.normals(new Float32Array(size));
  const spare = new Float32Array(size);
  for (let start = size; values.some((value) => Math.abs(value) > 2); start += size) {
    stream.normals(spare, start);
    for (let i = 0; i < size; i++) {
      if (Math.abs(values[i] as number) > 2) values[i] = spare[i] as number;
    }
  }
  return values.map((value) => value * deviation);
}

function identity(shape: readonly number[], gain: number): Float32Array {
  const columns = shape.at(-1) as number;
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i += columns + 1) values[i] = gain;
  return values;
}

/**
 * Orthonormal rows or columns, whichever are fewer: Gram-Schmidt over normal draws, in double precision. A second
 * pass removes what rounding left of the earlier vectors.
 */
function orthogonal(shape: readonly number[], stream: RandomStream): Float32Array {
  const columns = shape.at(-1) as number;
  const rows = sizeOf(shape) / columns;
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const draws = stream.normals(new Float32Array(count * length));
  const vectors: Float64Array[] = [];
  for (let v = 0; v < count; v++) {
    const vector = Float64Array.from(draws.subarray(v * length, (v + 1) * length));
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of vectors) addScaled(vector, earlier, -dot(vector, earlier));
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  const out = new Float32Array(count * length);
  vectors.forEach((vector, v) => {
    for (let i = 0; i < length; i++) out[rows <= columns ? v * length + i : i * count + v] = vector[i] as number;
  });
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (source[i] as number);
}
