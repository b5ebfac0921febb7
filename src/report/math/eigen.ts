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
 * some two or three steps a pair are enough, where a full decomposition costs n³ many times over.
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

/**
 * All eigenpairs of the tridiagonal matrix with this diagonal, and with `beside[i]` beside it between rows i and i+1, the
 * largest first: the QL algorithm with implicit shifts (Numerical Recipes, §11.3; EISPACK's tql2).
 */
function tridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
): { values: number[]; vectors: number[][] } {
  const n = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = Float64Array.from({ length: n }, (_, i) => (i < n - 1 ? (beside[i] as number) : 0));
  // Rows are eigenvectors: turned two at a time.
  const z = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, k) => (i === k ? 1 : 0)));
  for (let l = 0; l < n; l++) {
    for (let m = split(d, e, l); m !== l; m = split(d, e, l)) turn(d, e, z, l, m);
  }
  const order = Array.from(d.keys()).sort((a, b) => (d[b] as number) - (d[a] as number) || a - b);
  return { values: order.map((i) => d[i] as number), vectors: order.map((i) => Array.from(z[i] as Float64Array)) };
}

/** The end of the block that starts at `l`: where the entry beside the diagonal counts for nothing. */
function split(d: Float64Array, e: Float64Array, l: number): number {
  for (let m = l; m < d.length - 1; m++) {
    const size = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
    if (Math.abs(e[m] as number) <= Number.EPSILON * size) return m;
  }
  return d.length - 1;
}

/** One sweep of plane rotations from `m` up to `l`. */
function turn(d: Float64Array, e: Float64Array, z: readonly Float64Array[], l: number, m: number): void {
  const slope = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number));
  const reach = Math.hypot(slope, 1);
  let g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (slope + (slope < 0 ? -reach : reach));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * (e[i] as number);
    const b = c * (e[i] as number);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = (d[i + 1] as number) - p;
    const t = ((d[i] as number) - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotate(z[i] as Float64Array, z[i + 1] as Float64Array, c, s);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k] as number, b[k] as number];
    b[k] = s * x + c * y;
    a[k] = c * x - s * y;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
