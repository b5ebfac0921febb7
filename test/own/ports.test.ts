import { describe, expect, it } from "vitest";
import { portComplaints } from "../../src/own/ports.js";

const said = (inputs: unknown, outputs: unknown = { dataset: "dataset" }) =>
  portComplaints({ inputs, outputs }).map(({ message }) => message);

describe("ports of an own stage", () => {
  it("may belong to one another", () => {
    expect(said({ model: "model", weights: { type: "weights", of: "model", optional: true, foreign: true } })).toEqual(
      [],
    );
  });

  it("are complained of, each mistake", () => {
    expect(said({ weights: { type: "weights", of: "model" } })).toEqual([
      "the port `weights` is `of` an input that there is not",
    ]);
    expect(said({ data: { type: "dataset", of: "data" } })).toEqual([
      "the port `data` is `of` an input that there is not",
    ]);
    expect(said({ data: { type: "dataset", optionl: true, foreign: 1 } })).toEqual([
      "the port `data` has no `optionl`",
      "`foreign` of the port `data` has the wrong type",
    ]);
    expect(said({ a: 3, b: { of: "a" }, toString: "dataset" })).toEqual([
      "the port `a` has no type",
      "the port `b` has no type",
    ]);
    expect(said({}, { d: { type: "dataset" }, r: "report", c: "constructor" })).toEqual([
      "the port `d` has no type",
      "the port `r` has a type that there is not",
      "the port `c` has a type that there is not",
    ]);
  });
});
