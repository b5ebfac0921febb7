import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Json } from "../../src/base/json.js";
import { portableYaml } from "../../src/spec/portable-yaml.js";
import { loadOne } from "./support.js";

/** Bare text → what PyYAML makes of it: yaml-1.1/make.py. */
const words = JSON.parse(readFileSync(join(import.meta.dirname, "yaml-1.1/words.json"), "utf8")) as Readonly<
  Record<string, { readonly text?: string }>
>;
const bare = (text: string) => portableYaml([text]) === `- ${text}\n`;

describe("portable YAML", () => {
  it.each(Object.keys(words))("keeps the text %s a text", (word) => {
    if (words[word]?.text !== word) expect(bare(word)).toBe(false);
    for (const version of ["1.1", "1.2"] as const) expect(parse(portableYaml([word]), { version })).toEqual([word]);
    expect(parse(portableYaml({ [word]: 1 }), { version: "1.1" })).toEqual({ [word]: 1 });
  });

  it("leaves plain words as they are", () => {
    for (const word of ["relu", "mean-squared-error", "data/train-images.idx", "Is a wider layer better?"]) {
      expect(bare(word)).toBe(true);
    }
  });

  // In YAML 1.1 a number with an exponent has a point before it and a sign after the e.
  it.each([
    [1e-7, "1.0e-7"],
    [1.5e-9, "1.5e-9"],
    [1e21, "1.0e+21"],
    [-5e-324, "-5.0e-324"],
    [-0, "-0.0"],
    [0.001, "0.001"],
    [100, "100"],
    [123456789012345680000, "123456789012345680000"],
  ])("writes the number %d so that it stays one", (number, text) => {
    expect(portableYaml(number)).toBe(`${text}\n`);
    expect(Object.is(parse(text), number)).toBe(true);
  });

  it("is read as what was written, by both versions", () => {
    const text = fc.oneof(fc.constantFrom(...Object.keys(words)), fc.string({ unit: "binary" }), fc.string());
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
    const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));
    const list = fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(text, leaf)), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(list, (data) => {
        const written = portableYaml(data as Json);
        for (const version of ["1.1", "1.2"] as const) {
          // The library takes `<<` for a merge key in quotes as well.
          expect(parse(written, { version, merge: false })).toEqual(data);
        }
        // Signs that readers of YAML refuse to see bare.
        expect(written).not.toMatch(/[^\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/);
      }),
      { seed: 2026, numRuns: 300 },
    );
  });
});

describe("the resolved YAML", () => {
  it("keeps the order of stages that are numbers, and texts that look like references", () => {
    const pipeline = loadOne(`
name: "no"
description: "12:30 $\${params.x}"
params: { rate: 1e-7, word: "on" }
stages:
  load: { dataset: mnist, classes: ["0o7", "$\${x}", "\${params.word}", y, n, "1_000", "~", "=", "<<", "2024-01-01"] }
  normalize: {}
  2: { uses: flatten }
  build: { family: sequential, layers: [dense: { units: 10, activation: softmax }] }
  1: { uses: train, loss: categorical-crossentropy, epochs: 1, optimizer: { adam: { learningRate: "\${params.rate}" } } }
`);
    const again = loadOne(pipeline.resolvedYaml.replace(/^params:\n( .*\n)*/m, ""));
    expect(again.stages.map(({ name, params }) => [name, params])).toEqual(
      pipeline.stages.map(({ name, params }) => [name, params]),
    );
    expect(again.description).toBe(pipeline.description);
    expect(pipeline.stages.map(({ name }) => name)).toEqual(["load", "normalize", "2", "build", "1"]);
    expect(pipeline.resolvedYaml).toContain("learningRate: 1.0e-7\n");
    expect(pipeline.resolvedYaml).toContain('name: "no"\n');
  });
});
