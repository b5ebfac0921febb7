import { createHash } from "node:crypto";

/**
 * Counter-based random numbers: element `i` of a stream is a pure function of the stream's key and `i`,
 * so any step's draw can be made without the ones before it, in any process, in any order.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011). It needs additions, rotations and exclusive-ors only, which JavaScript
 * does exactly and fast on 32-bit integers; Philox would need 64-bit products.
 */
export class RandomStream {
  readonly #k0: number;
  readonly #k1: number;
  readonly #pair = new Uint32Array(2);

  /**
   * @param seed the pipeline's seed, a whole number.
   * @param path what the numbers are for: `["train", "noise", epoch]`. Other path, other stream.
   */
  constructor(seed: number, path: readonly (string | number)[]) {
    const hash = createHash("sha256")
      .update(JSON.stringify([seed, ...path]))
      .digest();
    this.#k0 = hash.readUInt32LE(0);
    this.#k1 = hash.readUInt32LE(4);
  }

  /** Fills `out` with numbers in [0, 1) on the grid of 2⁻²⁴; `out[j]` is element `start + j` of the stream. */
  uniforms(out: Float32Array, start = 0): Float32Array {
    const pair = this.#pair;
    for (let j = 0; j < out.length; j++) {
      const i = start + j;
      if (j === 0 || (i & 1) === 0) threefry2x32(this.#k0, this.#k1, Math.floor(i / 2), pair);
      out[j] = ((pair[i & 1] as number) >>> 8) * 2 ** -24;
    }
    return out;
  }

  /** Fills `out` with standard normal numbers (Box-Muller); `out[j]` is element `start + j` of the stream. */
  normals(out: Float32Array, start = 0): Float32Array {
    const pair = this.#pair;
    let radius = 0;
    let angle = 0;
    for (let j = 0; j < out.length; j++) {
      const i = start + j;
      if (j === 0 || (i & 1) === 0) {
        threefry2x32(this.#k0, this.#k1, Math.floor(i / 2), pair);
        // The half keeps the logarithm's argument above zero.
        radius = Math.sqrt(-2 * Math.log(((pair[0] as number) + 0.5) * 2 ** -32));
        angle = 2 * Math.PI * ((pair[1] as number) * 2 ** -32);
      }
      out[j] = radius * ((i & 1) === 0 ? Math.cos(angle) : Math.sin(angle));
    }
    return out;
  }

  /** A random order of 0 … n−1 (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    const pair = this.#pair;
    for (let i = n - 1; i > 0; i--) {
      threefry2x32(this.#k0, this.#k1, i, pair);
      // 53 random bits over i+1 places: the bias is below 2⁻²⁰ for any array that fits in memory.
      const fraction = ((pair[0] as number) * 2 ** 21 + ((pair[1] as number) >>> 11)) * 2 ** -53;
      const k = Math.floor(fraction * (i + 1));
      const swap = order[i] as number;
      order[i] = order[k] as number;
      order[k] = swap;
    }
    return order;
  }
}

/** One block: two 32-bit words for (key, counter). The counter's high word carries on beyond 2³². */
export function threefry2x32(k0: number, k1: number, counter: number, out: Uint32Array): void {
  threefryBlock(k0, k1, counter >>> 0, Math.floor(counter / 2 ** 32) >>> 0, out);
}

/** The block function itself, with both counter words explicit: published test vectors are stated for it. */
export function threefryBlock(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  // Rotations 13 15 26 6 and 17 29 16 24 in turn; a key injection after every four rounds.
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k1) | 0;
  x1 = (x1 + k2 + 1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k2) | 0;
  x1 = (x1 + k0 + 2) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k0) | 0;
  x1 = (x1 + k1 + 3) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k1) | 0;
  x1 = (x1 + k2 + 4) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  out[0] = x0 + k2;
  out[1] = x1 + k0 + 5;
}
