import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { nodeDisk } from "../../src/base/disk.js";
import { formatDiagnostic } from "../../src/base/format.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import type { Stage } from "../../src/spec/types.js";
import { fakeDisk } from "./fake-disk.js";

/**
 * Pipelines of random stages, each with random `needs` and `inputs`. What is read has every input from a stage above that makes its
 * type; what is refused has a place for each complaint.
 */
const KINDS: Readonly<Record<string, object>> = {
  load: { dataset: "mnist" },
  flatten: {},
  normalize: {},
  build: { family: "sequential", layers: ["flatten", { dense: { units: 10, activation: "softmax" } }] },
  train: { loss: "categorical-crossentropy", epochs: 1 },
  evaluate: {},
  visualize: {},
};
const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const PORTS = ["dataset", "model", "weights", "history", "metrics", "figures"];

const name = fc.constantFrom(...NAMES, "zz");
const odd = fc.constantFrom<unknown>(
  null,
  3,
  "",
  ".",
  "a.",
  "a.b.c",
  "__proto__.x",
  "a.constructor",
  [],
  {},
  ["a"],
  true,
);
const output = fc.oneof(
  { weight: 8, arbitrary: name },
  { weight: 8, arbitrary: fc.tuple(name, fc.constantFrom(...PORTS)).map((parts) => parts.join(".")) },
  { weight: 1, arbitrary: odd },
);
const inputs = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.constantFrom("dataset", "model", "weights", "history", "wieghts"), output, {
      maxKeys: 2,
    }),
  },
  { weight: 1, arbitrary: odd },
);
const stage = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS)),
  needs: fc.option(
    fc.oneof({ weight: 9, arbitrary: fc.array(name, { maxLength: 2 }) }, { weight: 1, arbitrary: odd }),
    {
      nil: undefined,
      freq: 2,
    },
  ),
  inputs: fc.option(inputs, { nil: undefined, freq: 2 }),
});
/** The usual stages, then some more: else hardly any pipeline is right. */
const USUAL = ["load", "flatten", "build", "train"].map((kind) => ({ kind, needs: undefined, inputs: undefined }));
const pipelines = fc.tuple(fc.nat(4), fc.array(stage, { minLength: 1, maxLength: 3 })).map(([odds, more]) => {
  const stages = [...(odds > 0 ? USUAL : []), ...more].map(({ kind, needs, inputs }, i) => {
    const written = {
      uses: kind,
      ...KINDS[kind],
      ...(needs !== undefined && { needs }),
      ...(inputs !== undefined && { inputs }),
    };
    return [NAMES[i] as string, written] as const;
  });
  return stringify({ name: "fuzzed", stages: Object.fromEntries(stages) });
});

function typesOf(kind: string) {
  const facts = builtIn.get("stages", kind)?.about;
  if (facts === undefined) throw new Error(`no kind ${kind}`);
  return facts;
}

/** Whatever is wired comes from above, and is of the type that is taken; nothing that is needed is missing. */
function checkWires(stages: readonly Stage[]): void {
  const above = new Map<string, Stage>();
  for (const one of stages) {
    const { inputs: ports } = typesOf(one.kind);
    for (const [port, { optional }] of Object.entries(ports)) {
      if (!optional) expect(one.inputs, `${one.name}.${port}`).toHaveProperty([port]);
    }
    for (const [port, from] of Object.entries(one.inputs)) {
      const maker = above.get(from.stage);
      expect(maker, `${one.name}.${port} from ${from.stage}`).toBeDefined();
      expect(typesOf(maker?.kind ?? "").outputs[from.port]).toBe(ports[port]?.type);
    }
    above.set(one.name, one);
  }
}

it("wires what fits, and complains of the rest with a place", () => {
  const entry = join("/w", "fuzzed.yaml");
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(pipelines, (text) => {
      const loaded = loadExperiment([entry], {
        catalog: builtIn,
        cwd: "/w",
        sets: [],
        disk: fakeDisk({ [entry]: text }, nodeDisk),
      });
      if (loaded.ok) {
        read++;
        for (const { stages } of loaded.value.variants) checkWires(stages);
        return;
      }
      refused++;
      const errors = loaded.error.filter(({ severity }) => severity === "error");
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) {
        expect(error.at, error.message).toBeDefined();
        expect(error.fix ?? error.expected, error.message).toBeDefined();
        expect(formatDiagnostic(error)).toContain("fuzzed.yaml:");
      }
    }),
    { seed: 20_26, numRuns: 250 },
  );
  expect(read).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(20);
});
