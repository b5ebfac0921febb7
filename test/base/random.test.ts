import { describe, expect, it } from "vitest";
import { RandomStream, threefryBlock } from "../../src/base/random.js";

describe("Threefry-2x32-20", () => {
  // Known answers of the Random123 distribution (kat_vectors, threefry2x32 with 20 rounds).
  it.each([
    { key: [0, 0], counter: [0, 0], result: [0x6b200159, 0x99ba4efe] },
    { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], result: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], result: [0xc4923a9c, 0x483df7a0] },
  ])("gives the published words for key $key", ({ key, counter, result }) => {
    const out = new Uint32Array(2);
    threefryBlock(key[0] as number, key[1] as number, counter[0] as number, counter[1] as number, out);
    expect([...out]).toEqual(result);
  });
});

describe("RandomStream", () => {
  it("makes any part of a stream without the part before it", () => {
    const stream = new RandomStream(7, ["train", "noise", 3]);
    for (const draw of ["uniforms", "normals"] as const) {
      const whole = stream[draw](new Float32Array(101));
      for (const start of [0, 1, 2, 37, 100]) {
        const part = stream[draw](new Float32Array(101 - start), start);
        expect([...part]).toEqual([...whole.subarray(start)]);
      }
    }
  });

  it("gives other numbers for another seed or path", () => {
    const first = (seed: number, path: (string | number)[]) =>
      new RandomStream(seed, path).uniforms(new Float32Array(4)).join();
    const all = [first(1, ["a"]), first(2, ["a"]), first(1, ["b"]), first(1, ["a", 0]), first(1, ["a", "0"])];
    expect(new Set(all).size).toBe(all.length);
  });

  it("stays in [0, 1) and has the moments of its distributions", () => {
    const n = 200_000;
    const stream = new RandomStream(1, ["moments"]);
    const uniforms = stream.uniforms(new Float32Array(n));
    expect(Math.min(...uniforms.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    const normals = stream.normals(new Float32Array(n));
    expect(mean(normals)).toBeCloseTo(0, 2);
    expect(mean(normals.map((z) => z * z))).toBeCloseTo(1, 1);
    // The two halves of a Box-Muller pair must not be correlated.
    expect(mean(normals.map((z, i) => (i % 2 === 0 ? z * (normals[i + 1] as number) : 0)))).toBeCloseTo(0, 2);
  });

  it("permutes: every number once, another order for another path", () => {
    const order = new RandomStream(1, ["shuffle", 1]).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...new RandomStream(1, ["shuffle", 2]).permutation(1000)]).not.toEqual([...order]);
    expect([...new RandomStream(1, ["shuffle", 1]).permutation(1000)]).toEqual([...order]);
  });

  it("gives every order of three items equally often", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = new RandomStream(i, ["orders"]).permutation(3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // 1000 expected each, standard deviation 29.
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
