import { PCA } from "ml-pca";

export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** `[components][features]`, orthonormal. */
  readonly components: readonly Float64Array[];
}

/**
 * The first principal components of `rows` (`[items, features]`, row-major), by NIPALS: it makes only the components
 * asked for, where a full decomposition of some hundred features would take minutes.
 */
export function principalComponents(rows: ArrayLike<number>, features: number, count: number): PrincipalComponents {
  const items = rows.length / features;
  const matrix = Array.from({ length: items }, (_, i) =>
    Array.from({ length: features }, (_, d) => rows[i * features + d] as number),
  );
  const mean = new Float64Array(features);
  for (const row of matrix) for (let d = 0; d < features; d++) mean[d]! += (row[d] as number) / items;
  const pca = new PCA(matrix, { method: "NIPALS", nCompNIPALS: count, center: true, scale: false });
  const loadings = pca.getLoadings();
  return { mean, components: Array.from({ length: count }, (_, c) => unit(Float64Array.from(loadings.getRow(c)))) };
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0)) || 1;
  return vector.map((v) => v / length);
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
