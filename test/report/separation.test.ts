import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.js";
import { comparablePoints, daviesBouldin, neighbourhoods } from "../../src/report/math/cluster.js";
import { largestEigenpairs } from "../../src/report/math/eigen.js";
import { componentRows, principalComponents, project } from "../../src/report/math/pca.js";
import { linearProbeCorrect, probedPoints } from "../../src/report/math/probe.js";
import { type Separable, separation } from "../../src/report/math/separation.js";

interface Reference {
  readonly n: number;
  readonly dimensions: number;
  readonly classes: number;
  readonly shift: number;
  readonly probeCorrect: number;
  readonly neighboursCorrect: number;
  readonly silhouette: number;
  readonly daviesBouldin: number;
  /** Squares along each of the first components, summed over all points. */
  readonly captured: readonly number[];
  readonly first: readonly number[];
}

/** Made by reference/separation.py. */
const references = JSON.parse(
  readFileSync(join(import.meta.dirname, "reference/separation.json"), "utf8"),
) as Reference[];

function pointsOf({ n, dimensions, classes, shift }: Reference) {
  const labels = Array.from({ length: n }, (_, i) => (i * i + Math.floor(i / 3)) % classes);
  const points = Float64Array.from({ length: n * dimensions }, (_, k) => {
    const [i, d] = [Math.floor(k / dimensions), k % dimensions];
    const value = ((i * 7919 + d * 104729 + i * d * 31) % 1009) / 1009 - 0.5;
    return value + ((labels[i] as number) % dimensions === d ? shift : 0);
  });
  return { points, dimensions, labels };
}

describe.each(references)(
  "$n points of $dimensions dimensions in $classes classes, as scikit-learn sees them",
  (reference) => {
    const data = pointsOf(reference);

    it("have its linear probe, fitted without the points that it is tried on", () => {
      expect(linearProbeCorrect(data)).toBe(reference.probeCorrect);
    });

    it("have its neighbours, silhouette and Davies-Bouldin index", () => {
      const { silhouette, neighboursCorrect } = neighbourhoods(data, 1);
      expect(silhouette).toBeCloseTo(reference.silhouette, 10);
      expect(neighboursCorrect).toBe(reference.neighboursCorrect);
      expect(daviesBouldin(data)).toBeCloseTo(reference.daviesBouldin, 10);
    });

    it("have its principal components", () => {
      const pca = principalComponents(data.points, data.dimensions, reference.captured.length);
      const codes = project(pca, data.points);
      reference.captured.forEach((square, c) => {
        let own = 0;
        for (let i = 0; i < reference.n; i++) own += (codes[i * reference.captured.length + c] as number) ** 2;
        expect(own / square).toBeCloseTo(1, 9);
      });
      const sign =
        Math.sign((pca.components[0] as Float64Array)[0] as number) * Math.sign(reference.first[0] as number);
      reference.first.forEach((value, d) => {
        expect(sign * (pca.components[0]?.[d] as number)).toBeCloseTo(value, 8);
      });
    });
  },
);

describe("eigenpairs", () => {
  it("of a matrix with equal eigenvalues are all found, and orthonormal", () => {
    const n = 12;
    const values = new Float64Array(n * n);
    for (let i = 0; i < n; i++) values[i * n + i] = i < 4 ? 3 : i < 9 ? 1 : 0;
    const pairs = largestEigenpairs({ n, values }, 10);
    expect(pairs.values.map((value) => Number(value.toFixed(9)))).toEqual([3, 3, 3, 3, 1, 1, 1, 1, 1, 0]);
    pairs.vectors.forEach((a, i) => {
      pairs.vectors.forEach((b, k) => {
        expect(a.reduce((sum, value, d) => sum + value * (b[d] as number), 0)).toBeCloseTo(i === k ? 1 : 0, 10);
      });
    });
  });

  it("of nothing are zero", () => {
    expect(largestEigenpairs({ n: 3, values: new Float64Array(9) }, 2).values).toEqual([0, 0]);
    const { components } = principalComponents(new Float64Array(20), 4, 2);
    expect(components.map((vector) => [...vector])).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});

describe("time", () => {
  // Counted, not measured: a count is the same on every machine.
  it.each([2, 64, 1024, 4096, 200_000])("is bounded whatever the number of items, in %i dimensions", (dimensions) => {
    const compared = comparablePoints(1e9, dimensions);
    expect((compared ** 2 * dimensions) / 2).toBeLessThan(1e9);
    const rows = componentRows(1e9, dimensions);
    expect(rows * dimensions * Math.min(rows, dimensions)).toBeLessThan(2e9);
    const probed = Math.min(64, dimensions);
    expect(probedPoints(1e9, probed, 10) * probed * 10 * 2).toBeLessThan(4e6);
    expect(Math.min(compared, rows, probedPoints(1e9, probed, 10))).toBeGreaterThan(50);
  });

  it("takes no items away that the reference experiment measures", () => {
    expect(comparablePoints(5000, 2)).toBe(5000);
    expect(componentRows(60_000, 784)).toBe(2000);
    expect(probedPoints(5000, 2, 10)).toBe(5000);
  });
});

describe("what cannot be measured", () => {
  const normal = new RandomStream(1, ["codes"]).normals(new Float32Array(400));
  const of = (labels: readonly number[], value = (k: number) => normal[k] as number) => {
    const all: Separable = {
      dimensions: 2,
      labels,
      rows: (rows) => Float64Array.from(rows.flatMap((row) => [value(2 * row), value(2 * row + 1)])),
    };
    return separation(all, (most) => Array.from({ length: Math.min(labels.length, most) }, (_, i) => i), 15);
  };
  const MEASURES = ["neighborsCorrect", "probeCorrect", "silhouette", "daviesBouldin"] as const;
  const alternating = Array.from({ length: 100 }, (_, i) => i % 2);

  it.each([
    ["one class", of(new Array(100).fill(3)), "all items are of one class"],
    ["a collapsed code", of(alternating, () => 0.7), "all codes are the same"],
    ["a code of zeros", of(alternating, () => 0), "all codes are the same"],
    ["a diverged model", of(alternating, (k) => (k === 7 ? Number.NaN : 1)), "some codes are no finite numbers"],
  ])("of %s is said, in every measure", (_, result, why) => {
    for (const measure of MEASURES) expect([result[measure], result.why[measure]]).toEqual([null, why]);
  });

  it("of two items is said", () => {
    const result = of([0, 1]);
    for (const measure of MEASURES) expect([result[measure], typeof result.why[measure]]).toEqual([null, "string"]);
    expect(result.why.neighborsCorrect).toBe("15 neighbours need more than 15 items, and there are 2");
  });

  it("of two classes with one centre is the distance of their centres", () => {
    const result = of(alternating, (k) => (Math.floor(k / 4) % 2 === 0 ? 1 : -1));
    expect([result.daviesBouldin, result.why.daviesBouldin]).toEqual([null, "two classes have the same centre"]);
    expect(result.silhouette).not.toBeNull();
  });

  it("is nothing where all can be measured", () => {
    const result = of(alternating);
    expect(result.why).toEqual({});
    for (const measure of MEASURES) expect(result[measure]).not.toBeNull();
  });
});
