/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Slope = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  /** The search ends when no entry of the gradient is larger. */
  readonly tolerance: number;
  readonly iterations: number;
}

/** Steps that are remembered. */
const MEMORY = 10;
/** Share of the promised descent that a step must bring (Armijo). */
const ENOUGH = 1e-4;

interface Step {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * The minimum of a smooth convex function, from zero: limited-memory BFGS with backtracking (Nocedal and Wright, Numerical
 * Optimization, algorithms 7.4 and 7.5).
 */
export function minimize(slope: Slope, size: number, { tolerance, iterations }: MinimizeOptions): Float64Array {
  let x = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = slope(x, gradient);
  const memory: Step[] = [];
  for (let t = 0; t < iterations && largest(gradient) > tolerance; t++) {
    const direction = descent(gradient, memory);
    const promised = dot(direction, gradient);
    // Before anything is remembered the length of a step is a guess.
    let length = memory.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halvings = 0; halvings < 40; halvings++, length /= 2) {
      for (let k = 0; k < size; k++) next[k] = (x[k] as number) + length * (direction[k] as number);
      nextValue = slope(next, nextGradient);
      if (nextValue <= value + ENOUGH * length * promised) break;
    }
    // Rounding leaves no way down.
    if (!(nextValue < value)) break;
    remember(memory, x, next, gradient, nextGradient);
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return x;
}

function remember(memory: Step[], x: Float64Array, next: Float64Array, g: Float64Array, nextG: Float64Array): void {
  const s = next.map((value, k) => value - (x[k] as number));
  const y = nextG.map((value, k) => value - (g[k] as number));
  const curvature = dot(s, y);
  if (!(curvature > 0)) return;
  memory.push({ s, y, rho: 1 / curvature });
  if (memory.length > MEMORY) memory.shift();
}

/** The gradient times the inverse curvature that the remembered steps show, downwards. */
function descent(gradient: Float64Array, memory: readonly Step[]): Float64Array {
  const out = gradient.map((value) => -value);
  const shares = new Float64Array(memory.length);
  for (let i = memory.length - 1; i >= 0; i--) {
    const { s, y, rho } = memory[i] as Step;
    shares[i] = rho * dot(s, out);
    add(out, y, -(shares[i] as number));
  }
  const last = memory.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let k = 0; k < out.length; k++) out[k]! *= scale;
  }
  memory.forEach(({ s, y, rho }, i) => {
    add(out, s, (shares[i] as number) - rho * dot(y, out));
  });
  return out;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let k = 0; k < to.length; k++) to[k]! += times * (what[k] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
