import { largestEigenpairs, type SymmetricMatrix } from "./eigen.js";

export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** `[components][features]`, orthonormal, of falling variance; zeros where the rows do not vary in so many directions. */
  readonly components: readonly Float64Array[];
}

/** Products of two numbers that finding components may cost: about a second. */
const WORK = 6.5e8;
/** More rows than this change a few components no further. */
const MOST_ROWS = 2000;

/** So many of `items` rows are enough to find components from, and few enough for the time that it takes. */
export function componentRows(items: number, features: number): number {
  const [whole, squares] = [Math.floor((2 * WORK) / features ** 2), Math.floor(Math.sqrt((2 * WORK) / features))];
  // Of few rows it is the products of rows with each other that are worked out, of many those of features.
  return Math.max(2, Math.min(items, MOST_ROWS, Math.max(whole, squares)));
}

/**
 * The first principal components of `rows` (`[items, features]`, row-major), from the smaller of two matrices that have the
 * same eigenvalues: the features' covariances, or the products of the centred rows with each other. The sign of each is the one
 * that makes its largest entry positive.
 */
export function principalComponents(rows: ArrayLike<number>, features: number, count: number): PrincipalComponents {
  const items = rows.length / features;
  const few = items < features;
  const { mean, matrix, centred } = few ? rowProducts(rows, features) : covarianceOf(rows, features);
  const { values, vectors } = largestEigenpairs(matrix, count);
  const components = Array.from({ length: count }, (_, c) => {
    const vector = vectors[c];
    if (vector === undefined || !((values[c] as number) > 1e-12 * (values[0] as number))) {
      return new Float64Array(features);
    }
    return signed(centred ? unit(combined(centred, vector, features)) : vector);
  });
  return { mean, components };
}

interface Scatter {
  readonly mean: Float64Array;
  readonly matrix: SymmetricMatrix;
  /** The rows less their mean, where the matrix is of rows. */
  readonly centred?: Float64Array;
}

function covarianceOf(rows: ArrayLike<number>, features: number): Scatter {
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
  return { mean, matrix: { n: features, values: covariance } };
}

function rowProducts(rows: ArrayLike<number>, features: number): Scatter {
  const items = rows.length / features;
  const mean = new Float64Array(features);
  for (let i = 0; i < items; i++) {
    for (let d = 0; d < features; d++) mean[d]! += (rows[i * features + d] as number) / items;
  }
  const centred = Float64Array.from(
    { length: rows.length },
    (_, k) => (rows[k] as number) - (mean[k % features] as number),
  );
  const values = new Float64Array(items * items);
  for (let i = 0; i < items; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let d = 0, a = i * features, b = j * features; d < features; d++, a++, b++) {
        sum += (centred[a] as number) * (centred[b] as number);
      }
      values[i * items + j] = sum / items;
      values[j * items + i] = sum / items;
    }
  }
  return { mean, matrix: { n: items, values }, centred };
}

function combined(rows: Float64Array, weights: Float64Array, features: number): Float64Array {
  const out = new Float64Array(features);
  weights.forEach((weight, i) => {
    for (let d = 0; d < features; d++) out[d]! += weight * (rows[i * features + d] as number);
  });
  return out;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

function signed(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
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
