export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** `[components][features]`, orthonormal, of falling variance. */
  readonly components: readonly Float64Array[];
}

/** More directions than asked for are iterated along: the ones asked for then settle faster. */
const SPARE = 4;
const MAX_ITERATIONS = 200;

/**
 * The first principal components of `rows` (`[items, features]`, row-major): subspace iteration on the covariance
 * matrix (Golub and Van Loan, Matrix Computations, §8.2). A full decomposition of some hundred features would take
 * minutes; the packages that offer iterative ones start from the first feature, which in a picture is a constant corner.
 */
export function principalComponents(rows: ArrayLike<number>, features: number, count: number): PrincipalComponents {
  const { mean, covariance } = covarianceOf(rows, features);
  const width = Math.min(features, count + SPARE);
  let basis = orthonormal(startingVectors(covariance, features, width));
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const next = orthonormal(basis.map((vector) => multiply(covariance, vector)));
    const turned = Math.max(...basis.slice(0, count).map((vector, c) => 1 - Math.abs(dot(vector, next[c]!))));
    basis = next;
    if (turned < 1e-10) break;
  }
  return { mean, components: basis.slice(0, count) };
}

function covarianceOf(rows: ArrayLike<number>, features: number): { mean: Float64Array; covariance: Float64Array } {
  const items = rows.length / features;
  const mean = new Float64Array(features);
  const covariance = new Float64Array(features * features);
  for (let i = 0; i < items; i++) {
    const at = i * features;
    for (let a = 0; a < features; a++) {
      const value = rows[at + a] as number;
      // Four fifths of a drawn digit are background.
      if (value === 0) continue;
      mean[a]! += value / items;
      for (let b = 0; b <= a; b++) covariance[a * features + b]! += (value * (rows[at + b] as number)) / items;
    }
  }
  for (let a = 0; a < features; a++) {
    for (let b = 0; b <= a; b++) {
      const value = (covariance[a * features + b] as number) - (mean[a] as number) * (mean[b] as number);
      covariance[a * features + b] = value;
      covariance[b * features + a] = value;
    }
  }
  return { mean, covariance };
}

/** The covariance's columns of largest variance: no randomness, and never zero unless the data is constant. */
function startingVectors(covariance: Float64Array, features: number, width: number): Float64Array[] {
  const order = Array.from({ length: features }, (_, d) => d);
  order.sort((a, b) => (covariance[b * features + b] as number) - (covariance[a * features + a] as number) || a - b);
  return order.slice(0, width).map((d) => {
    const vector = covariance.slice(d * features, (d + 1) * features);
    // Keeps columns that depend on each other apart.
    vector[d]! += 1e-9 + Math.abs(vector[d] as number);
    return vector;
  });
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const out = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += (matrix[a * n + b] as number) * (vector[b] as number);
    out[a] = sum;
  }
  return out;
}

/** Gram-Schmidt, twice over for exactness; a vector that vanishes stays zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const out: Float64Array[] = [];
  for (const vector of vectors) {
    const rest = vector.slice();
    for (let pass = 0; pass < 2; pass++) {
      for (const before of out) {
        const share = dot(rest, before);
        for (let d = 0; d < rest.length; d++) rest[d]! -= share * (before[d] as number);
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    out.push(length > 0 ? rest.map((v) => v / length) : rest);
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number);
  return sum;
}

/** Coordinates `[items, components]` of rows `[items, features]`. */
export function project(pca: PrincipalComponents, rows: ArrayLike<number>): Float64Array {
  const { mean, components } = pca;
  const features = mean.length;
  const items = rows.length / features;
  const out = new Float64Array(items * components.length);
  for (let i = 0; i < items; i++) {
    components.forEach((component, c) => {
      let sum = 0;
      for (let d = 0; d < features; d++) {
        sum += ((rows[i * features + d] as number) - (mean[d] as number)) * (component[d] as number);
      }
      out[i * components.length + c] = sum;
    });
  }
  return out;
}

/** Rows `[items, features]` of coordinates `[items, components]`: what the components keep of the data. */
export function reconstruct(pca: PrincipalComponents, codes: ArrayLike<number>): Float64Array {
  const { mean, components } = pca;
  const features = mean.length;
  const items = codes.length / components.length;
  const out = new Float64Array(items * features);
  for (let i = 0; i < items; i++) {
    for (let d = 0; d < features; d++) {
      let value = mean[d] as number;
      for (let c = 0; c < components.length; c++) {
        value += (codes[i * components.length + c] as number) * ((components[c] as Float64Array)[d] as number);
      }
      out[i * features + d] = value;
    }
  }
  return out;
}
