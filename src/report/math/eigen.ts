import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** A symmetric matrix `[n, n]`, row-major. */
export interface SymmetricMatrix {
  readonly n: number;
  readonly values: Float64Array;
}

export interface Eigenpairs {
  /** Falling. */
  readonly values: readonly number[];
  /** `[count][n]`, orthonormal. */
  readonly vectors: readonly Float64Array[];
}

/** An eigenpair has settled when its residual is below this share of the largest eigenvalue. */
const SETTLED = 1e-12;

/**
 * The eigenpairs of the `count` largest eigenvalues of a positive semidefinite matrix: Lanczos' method with full
 * reorthogonalization (Golub and Van Loan, Matrix Computations, §10.1 and §10.3). A step costs one product with the matrix, and
 * some two or three steps a pair are enough, where a full decomposition (the library's) costs n³ many times over.
 */
export function largestEigenpairs(matrix: SymmetricMatrix, count: number): Eigenpairs {
  const { n } = matrix;
  const wanted = Math.min(count, n);
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let next = freshVector(basis, n);
  for (let look = Math.min(n, 2 * wanted + 20); ; look = Math.min(n, Math.ceil(1.5 * look))) {
    while (basis.length < look) {
      basis.push(next);
      const image = product(matrix, next);
      diagonal.push(dot(image, next));
      const rest = orthogonalTo(basis, image);
      const length = Math.sqrt(dot(rest, rest));
      // What is left of a space that the matrix does not leave is rounding: go on in another direction.
      const ended = !(length > SETTLED * Math.max(...diagonal.map(Math.abs)));
      beside.push(ended ? 0 : length);
      next = ended ? freshVector(basis, n) : rest.map((value) => value / length);
    }
    const { values, vectors } = tridiagonal(diagonal, beside);
    const open = (beside.at(-1) as number) / (values[0] || 1);
    const settled = vectors.slice(0, wanted).every((vector) => open * Math.abs(vector.at(-1) as number) <= SETTLED);
    if (basis.length === n || settled) {
      return {
        values: values.slice(0, wanted),
        vectors: vectors.slice(0, wanted).map((vector) => combination(basis, vector)),
      };
    }
  }
}

/** A direction that has nothing to do with any before it: no randomness, and no pattern that data would have too. */
function freshVector(basis: readonly Float64Array[], n: number): Float64Array {
  const start = basis.length;
  if (start >= n) return new Float64Array(n);
  // Fractions of multiples of the golden ratio are spread evenly, and never repeat.
  const golden = 0.6180339887498949;
  const vector = Float64Array.from({ length: n }, (_, i) => (((i + 1) * (start + 1) * golden) % 1) - 0.5);
  const rest = orthogonalTo(basis, vector);
  const length = Math.sqrt(dot(rest, rest));
  return rest.map((value) => value / length);
}

/** Twice over, which makes it exact (Kahan and Parlett). */
function orthogonalTo(basis: readonly Float64Array[], vector: Float64Array): Float64Array {
  const rest = vector.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const before of basis) {
      const share = dot(rest, before);
      for (let i = 0; i < rest.length; i++) rest[i]! -= share * (before[i] as number);
    }
  }
  return rest;
}

function combination(basis: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const out = new Float64Array((basis[0] as Float64Array).length);
  basis.forEach((vector, k) => {
    const weight = weights[k] as number;
    for (let i = 0; i < out.length; i++) out[i]! += weight * (vector[i] as number);
  });
  return out;
}

function product({ n, values }: SymmetricMatrix, vector: Float64Array): Float64Array {
  const out = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    let sum = 0;
    for (let b = 0, at = a * n; b < n; b++, at++) sum += (values[at] as number) * (vector[b] as number);
    out[a] = sum;
  }
  return out;
}

/** All eigenpairs of the tridiagonal matrix with this diagonal, and with `beside[i]` beside it between rows i and i+1, the largest first. */
function tridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
): { values: number[]; vectors: number[][] } {
  const matrix = Matrix.diag([...diagonal]);
  for (let i = 0; i < diagonal.length - 1; i++) {
    matrix.set(i, i + 1, beside[i] as number);
    matrix.set(i + 1, i, beside[i] as number);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] as number) - (realEigenvalues[a] as number) || a - b,
  );
  return {
    // Of a positive semidefinite matrix none is below 0, save by rounding.
    values: order.map((i) => Math.max(0, realEigenvalues[i] as number)),
    vectors: order.map((i) => eigenvectorMatrix.getColumn(i)),
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
