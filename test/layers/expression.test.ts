import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layerShape } from "../../src/layers/index.js";

const TEXTS = [
  "x",
  "a + 1",
  " ( x ) ",
  "2*x",
  "2e-3 * x",
  "-x",
  "--x",
  "x^-2",
  "max( x , min(1,2) )",
  "1.5.toString(x)",
  "x x",
  "",
  "x +",
  "x * * 2",
  "(x",
  "x)",
  "max(x)",
  "sin x",
  "sqrt(x, 2)",
  "constructor(x)",
  "y",
  "e ^ x",
  "2",
  "x; 1",
  "x\u00b2",
  "1e999 * x",
];

function shapeOf(expression: string, ...inputs: number[][]) {
  return layerShape("expression", { expression }, inputs.length === 0 ? [[3]] : inputs);
}

describe("an expression", () => {
  it("is a formula of its grammar, and nothing else", async () => {
    const lines = TEXTS.map((text) => {
      const shape = shapeOf(text);
      const said = shape.ok ? "fits" : `${shape.error.received}\n  expected ${shape.error.expected}`;
      return `${JSON.stringify(text)}: ${said}\n`;
    });
    await expect(lines.join("")).toMatchFileSnapshot(join(import.meta.dirname, "expression.txt"));
  });

  it("names several inputs by letters, and wants all of them", () => {
    expect(shapeOf("a * b", [4, 3], [1, 3])).toEqual({ ok: true, value: [4, 3] });
    expect(shapeOf("a * 2", [3], [3])).toMatchObject({ ok: false, error: { expected: "a formula with b" } });
    expect(shapeOf("x * b", [3], [3])).toMatchObject({ ok: false, error: { path: ["expression"] } });
    expect(shapeOf("a * b", [3], [4])).toMatchObject({ ok: false, error: { code: "shape-mismatch", input: 1 } });
  });

  it("is read in time that grows with its length", () => {
    expect(shapeOf(`${"(".repeat(240)}x${")".repeat(240)}`).ok).toBe(true);
    expect(shapeOf(`${"-".repeat(499)}x`).ok).toBe(true);
  });
});
