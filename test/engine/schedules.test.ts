import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { standing } from "../../src/engine/early-stopping.js";
import { rateFactor } from "../../src/engine/learning-rate.js";
import type { Schedule, ScheduleKind } from "../../src/gen/schedules.js";
import { complete } from "./support.js";

function factors(kind: ScheduleKind, given: object, times: readonly number[], total = 10): number[] {
  const factor = rateFactor({ [kind]: complete("schedules", kind, { ...given }) } as unknown as Schedule);
  return times.map((time) => factor(time, total));
}

const rising = { epochs: 4, from: 0.2 };
const cases: readonly [ScheduleKind, object, number[], number[]][] = [
  ["constant", {}, [0, 5, 9.9], [1, 1, 1]],
  ["step", { every: 3, factor: 0.5 }, [0, 2.9, 3, 6, 9.9], [1, 1, 0.5, 0.25, 0.125]],
  ["exponential", { every: 2, factor: 0.25 }, [0, 1, 2, 4], [1, 0.5, 0.25, 0.0625]],
  ["cosine", { final: 0 }, [0, 5, 10], [1, 0.5, 0]],
  ["cosine", { final: 0.2 }, [0, 5, 10], [1, 0.6, 0.2]],
  ["warmup", rising, [0, 2, 4, 9], [0.2, 0.6, 1, 1]],
  ["warmup", { ...rising, ...JSON.parse('{ "then": { "cosine": { "final": 0 } } }') }, [4, 7, 10], [1, 0.5, 0]],
];

it.each(cases)("%s %j", (kind, params, times, expected) => {
  for (const [i, factor] of factors(kind, params, times).entries())
    expect(factor).toBeCloseTo(expected[i] as number, 12);
});

it("has a test for every kind", () => {
  const kinds = readdirSync(new URL("../../src/engine/schedules", import.meta.url)).map((name) => name.slice(0, -3));
  expect([...new Set(cases.map(([kind]) => kind))].sort()).toEqual(kinds.sort());
});

it("finds the best epoch, and counts those after it that were not better by enough", () => {
  const epochs = (metric: string, values: number[]) => values.map((value) => ({ test: { [metric]: value } }));
  const loss = { metric: "loss", minDelta: 0 };
  expect(standing(epochs("loss", [3, 2, 2.5, 2]), "test", loss)).toEqual({ bestEpoch: 2, stale: 2 });
  expect(standing(epochs("loss", [3, 2.95, 2.9, 2.5]), "test", { ...loss, minDelta: 0.2 })).toEqual({
    bestEpoch: 4,
    stale: 0,
  });
  expect(standing(epochs("accuracy", [0.5, 0.9, 0.8]), "test", { ...loss, metric: "accuracy" })).toEqual({
    bestEpoch: 2,
    stale: 1,
  });
  expect(standing([], "test", loss)).toEqual({ bestEpoch: 0, stale: 0 });
});
