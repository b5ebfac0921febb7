import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.js";
import { initialValues } from "../../src/engine/initializers.js";
import type { Initializer, InitializerKind } from "../../src/gen/initializers.js";
import { kindNames } from "../../src/gen/tables.js";
import { complete } from "./support.js";

const SHAPE = [3, 3, 64, 32];
const FAN_IN = 3 * 3 * 64;
const FAN_OUT = 3 * 3 * 32;

function draw(kind: InitializerKind, shape: readonly number[], seed = 1, given = {}): Float32Array {
  const params = complete("initializers", kind, kind === "constant" ? { value: 0.5, ...given } : given);
  return initialValues({ [kind]: params } as unknown as Initializer, shape, new RandomStream(seed, ["init", "w"]));
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe.each([
  ["glorotUniform", Math.sqrt(2 / (FAN_IN + FAN_OUT)), Math.sqrt(6 / (FAN_IN + FAN_OUT))],
  ["glorotNormal", Math.sqrt(2 / (FAN_IN + FAN_OUT)), (2 * Math.sqrt(2 / (FAN_IN + FAN_OUT))) / 0.8796],
  ["heUniform", Math.sqrt(2 / FAN_IN), Math.sqrt(6 / FAN_IN)],
  ["heNormal", Math.sqrt(2 / FAN_IN), (2 * Math.sqrt(2 / FAN_IN)) / 0.8796],
  ["leCunUniform", Math.sqrt(1 / FAN_IN), Math.sqrt(3 / FAN_IN)],
  ["leCunNormal", Math.sqrt(1 / FAN_IN), (2 * Math.sqrt(1 / FAN_IN)) / 0.8796],
  ["randomUniform", 0.05 / Math.sqrt(3), 0.05],
  ["randomNormal", 0.05, 0.5],
  ["truncatedNormal", 0.05 * 0.8796, 0.1],
] as const)("%s", (kind, spread, limit) => {
  it("has the spread and the limit of its formula", () => {
    const values = draw(kind, SHAPE);
    expect(deviation(values)).toBeCloseTo(spread, 3);
    expect(Math.abs(deviation(values) / spread - 1)).toBeLessThan(0.02);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit * 1.0001);
  });
});

it("fills with constants and the identity", () => {
  expect([...draw("zeros", [3])]).toEqual([0, 0, 0]);
  expect([...draw("ones", [3])]).toEqual([1, 1, 1]);
  expect([...draw("constant", [2])]).toEqual([0.5, 0.5]);
  expect([...draw("identity", [2, 2], 1, { gain: 3 })]).toEqual([3, 0, 0, 3]);
});

it.each([
  ["fewer rows", [4, 9]],
  ["fewer columns", [9, 4]],
  ["a square", [6, 6]],
])("makes orthonormal vectors of %s", (_, [rows, columns]) => {
  const values = draw("orthogonal", [rows as number, columns as number]);
  const at = (r: number, c: number) => values[r * (columns as number) + c] as number;
  const byRow = (rows as number) <= (columns as number);
  const count = Math.min(rows as number, columns as number);
  const length = Math.max(rows as number, columns as number);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let product = 0;
      for (let i = 0; i < length; i++) product += byRow ? at(a, i) * at(b, i) : at(i, a) * at(i, b);
      expect(product).toBeCloseTo(a === b ? 1 : 0, 6);
    }
  }
});

it("depends on the seed, and on nothing else", () => {
  for (const kind of (kindNames.initializers?.names ?? []) as InitializerKind[]) {
    const first = draw(kind, [4, 4], 1);
    expect(draw(kind, [4, 4], 1)).toEqual(first);
    if (!["zeros", "ones", "constant", "identity"].includes(kind)) expect(draw(kind, [4, 4], 2)).not.toEqual(first);
  }
});
