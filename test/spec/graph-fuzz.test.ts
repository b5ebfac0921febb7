import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphSpec } from "../../src/artifact/graph.js";
import { nodeDisk } from "../../src/base/disk.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { buildGraph } from "../../src/engine/index.js";
import { loadExperiment } from "../../src/spec/load.js";
import type { Stage } from "../../src/spec/types.js";
import { fakeDisk, idx } from "./fake-disk.js";

/** Random models: whatever they are, they are refused with places, or they are built with the shapes that were foreseen. */
const names = ["a", "b", "c", "d", "input"];
const name = fc.constantFrom(...names);
const layer = fc.constantFrom<Record<string, object>>(
  { dense: { units: 3 } },
  { flatten: {} },
  { add: {} },
  { concatenate: {} },
  { softmax: {} },
  { conv2d: { filters: 2, kernelSize: 2, padding: "same" } },
  { permute: { dims: [2, 1] } },
  { one: {} },
  { two: { units: 2 } },
);
const from = fc.oneof(name, fc.array(name, { minLength: 1, maxLength: 3 }));
const plain = fc.tuple(
  layer,
  fc.record({ name, from, repeat: fc.integer({ min: 1, max: 3 }), trainable: fc.boolean() }, { requiredKeys: [] }),
);
const entry = fc.oneof(
  { weight: 6, arbitrary: plain.map(([kind, beside]) => ({ ...beside, ...kind })) },
  { weight: 1, arbitrary: fc.record({ shared: name, from, name }, { requiredKeys: ["shared"] }) },
);
const list = fc.array(entry, { minLength: 1, maxLength: 5 });
const blocks = {
  one: { layers: [{ name: "a", dense: { units: 2 } }, { shared: "a" }] },
  two: {
    params: { units: 2 },
    layers: [
      { name: "d", dense: { units: "${block.units}" } },
      { one: {}, repeat: 2 },
    ],
  },
};
const model = fc.oneof(
  list.map((layers) => ({ layers })),
  fc.record({ layers: list, outputs: fc.dictionary(fc.constantFrom("x", "y"), name, { minKeys: 1 }) }),
  list.map((layers) => ({
    family: "autoencoder",
    encoder: layers,
    decoder: [{ dense: { units: 4 } }, { reshape: { targetShape: [2, 2] } }],
  })),
);

/** Models most of which are right: unique names, of what stands above, and shapes that rarely change. */
const likely = fc
  .array(fc.tuple(layer, fc.nat(), fc.nat(), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 8 })
  .map((list) => {
    const above = (i: number, n: number) => (i === 0 ? "input" : `n${n % i}`);
    const layers = list.map(([kind, n, m, says, shares], i) => {
      const several = "add" in kind || "concatenate" in kind;
      const beside = several ? { from: [above(i, n), above(i, m)] } : says ? { from: above(i, n) } : {};
      if (shares && i > 0 && !several) return { name: `n${i}`, shared: above(i, m), ...beside };
      return {
        name: `n${i}`,
        ...beside,
        ...("dense" in kind ? { dense: { units: 2 } } : "flatten" in kind ? { one: {} } : kind),
      };
    });
    const outputs = { x: `n${layers.length - 1}`, ...(layers.length > 2 && { y: { node: "n1" } }) };
    return { layers, outputs };
  });

function read(build: object) {
  const file = JSON.stringify({
    blocks,
    stages: { load: { dataset: "own", train: { images: "images", labels: "labels" } }, normalize: {}, build },
  });
  const files = { "/w/a.yaml": file, "/w/images": idx([3, 2, 2]), "/w/labels": idx([3], (i) => i) };
  return loadExperiment(["a.yaml"], { catalog: builtIn, cwd: "/w", disk: fakeDisk(files, nodeDisk) });
}

describe("a random graph", () => {
  it("is refused with places, or in the order in which it can be computed", () => {
    fc.assert(
      fc.property(model, (build) => {
        const loaded = read(build);
        if (!loaded.ok) {
          expect(loaded.error.filter(({ at, fix }) => at === undefined || fix === undefined)).toEqual([]);
          return;
        }
        const { inputs, nodes, outputs, groups } = graphIn(loaded.value.variants[0]?.stages);
        const known = new Set(Object.keys(inputs));
        for (const [node, { from, sharedWith }] of Object.entries(nodes)) {
          expect(from.filter((source) => !known.has(source))).toEqual([]);
          if (sharedWith !== undefined) expect(known.has(sharedWith)).toBe(true);
          known.add(node);
        }
        for (const { node } of Object.values(outputs)) expect(nodes).toHaveProperty([node]);
        for (const group of Object.values(groups)) expect(group.nodes.filter((node) => !known.has(node))).toEqual([]);
      }),
      { seed: 20_26, numRuns: 600 },
    );
  });

  it("is built where it was not refused", async () => {
    let built = 0;
    await fc.assert(
      fc.asyncProperty(likely, async (build) => {
        const loaded = read(build);
        if (!loaded.ok) return;
        const graph = graphIn(loaded.value.variants[0]?.stages);
        const made = await buildGraph(withTargets(graph), () => [2, 2]);
        expect(made).toMatchObject({ ok: true });
        built++;
      }),
      { seed: 7, numRuns: 250 },
    );
    expect(built).toBeGreaterThan(25);
  });
});

function graphIn(stages: readonly Stage[] | undefined): GraphSpec {
  return stages?.find(({ kind }) => kind === "build")?.params as unknown as GraphSpec;
}

/** As the stage `build` names the only target column. */
function withTargets(graph: GraphSpec): GraphSpec {
  const outputs = Object.entries(graph.outputs).map(([output, spec]) => [
    output,
    spec.target === null ? { ...spec, target: "label" } : spec,
  ]);
  return { ...graph, outputs: Object.fromEntries(outputs) };
}
