import { describe, expect, it } from "vitest";
import type { GraphSpec } from "../../src/artifact/graph.js";
import { explain } from "../../src/plan/explain.js";
import type { Stage } from "../../src/spec/types.js";
import type { FingerprintParts } from "../../src/store/types.js";
import { load, loadOne, paramsOf } from "./support.js";

/** A pipeline whose model is this, in flow style: what stands in `build`, and blocks. */
function pipeline(build: string, blocks = "", train = "loss: mean-squared-error"): string {
  const flow = `load: { dataset: mnist }, normalize: {}, build: { ${build} }, train: { ${train}, epochs: 1 }`;
  return `name: a\n${blocks === "" ? "" : `blocks: { ${blocks} }\n`}stages: { ${flow} }\n`;
}

function graphOf(build: string, blocks = "", train?: string): GraphSpec {
  return paramsOf(loadOne(pipeline(build, blocks, train)), "build") as unknown as GraphSpec;
}

/** Name → what it takes. */
function wiring({ nodes }: GraphSpec): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(nodes).map(([name, { from }]) => [name, from]));
}

const head = "dense: { units: 10 }";

describe("a model in YAML", () => {
  it("is the same graph as a list, as a sequential model, and with everything named", () => {
    const list = graphOf(`layers: [flatten, { ${head} }]`);
    expect(graphOf(`family: sequential, layers: [flatten, { ${head} }]`)).toEqual(list);
    expect(graphOf(`family: graph, layers: [{ flatten: {}, from: input }, { ${head} }]`)).toEqual(list);
    expect(wiring(list)).toEqual({ "model/flatten": ["input"], "model/dense": ["model/flatten"] });
    expect(list.outputs).toEqual({ output: { node: "model/dense", target: null } });
    const named = graphOf(
      `inputs: { pixels: image }, layers: [{ name: flat, from: pixels, flatten: {} }, { name: digit, ${head} }], outputs: { digit: digit }`,
    );
    expect(wiring(named)).toEqual({ flat: ["pixels"], digit: ["flat"] });
    expect(named.inputs).toEqual({ pixels: { column: "image" } });
    expect(named.outputs).toEqual({ digit: { node: "digit", target: null } });
  });

  it("names what has no name by its kind, and leaves out what is named so", () => {
    const graph =
      graphOf(`family: autoencoder, encoder: [flatten, { name: dense, dense: { units: 4 } }, { dense: { units: 3 } }],
      decoder: [{ dense: { units: 784 } }, { reshape: { targetShape: [28, 28] } }]`);
    expect(Object.keys(graph.nodes)).toEqual([
      "encoder/flatten",
      "encoder/dense",
      "encoder/dense_1",
      "decoder/dense",
      "decoder/reshape",
    ]);
    expect(graph.outputs).toEqual({
      code: { node: "encoder/dense_1" },
      reconstruction: { node: "decoder/reshape", target: "input:input" },
    });
  });

  it("takes names from above, several times, and through layers that join", () => {
    const graph = graphOf(`layers: [{ name: a, dense: { units: 4 } }, { name: b, dense: { units: 4 } },
      { name: c, from: a, dense: { units: 4 } }, { add: {}, from: [a, b, c] }, flatten, { ${head} }]`);
    expect(wiring(graph)).toMatchObject({
      b: ["a"],
      c: ["a"],
      "model/add": ["a", "b", "c"],
      "model/flatten": ["model/add"],
    });
  });

  it("repeats layers, each after the one before", () => {
    const graph =
      graphOf(`layers: [flatten, { name: d, repeat: 3, dense: { units: 10 } }, { repeat: 2, dense: { units: 5 } },
      { from: d, ${head} }, { add: {}, from: [d_1, d_3] }], outputs: { o: { node: d }, p: { node: d_2, target: label } }`);
    expect(wiring(graph)).toEqual({ "model/flatten": ["input"], d_1: ["model/flatten"], d_2: ["d_1"], d_3: ["d_2"] });
    expect(graph.outputs).toEqual({ o: { node: "d_3" }, p: { node: "d_2", target: "label" } });
  });

  it("freezes layers and the layers of blocks", () => {
    const graph = graphOf(
      `layers: [flatten, { trainable: false, dense: { units: 4 } }, { trainable: false, two: {} }, { trainable: true, ${head} }]`,
      "two: { layers: [{ dense: { units: 3 } }, one] }, one: { layers: [{ dense: { units: 2 } }] }",
    );
    const frozen = Object.entries(graph.nodes).filter(([, { trainable }]) => trainable === false);
    expect(frozen.map(([name]) => name)).toEqual(["model/dense", "model/two/dense", "model/two/one/dense"]);
    expect(graph.nodes["model/dense_1"]).not.toHaveProperty("trainable");
  });

  it("shares layers and blocks", () => {
    const graph = graphOf(
      `inputs: { left: image, right: image }, layers: [{ name: tower, from: left, tower: {} }, { name: other, shared: tower, from: right },
       { name: third, shared: other, from: left }, { add: {}, from: [tower, other, third] }, { name: last, ${head} }, { shared: last, from: third }],
       outputs: { a: { node: last, target: label }, b: third }`,
      "tower: { layers: [flatten, { name: d, dense: { units: 4 } }, { inner: {}, name: i }] }, inner: { layers: [{ dense: { units: 4 } }] }",
    );
    expect(wiring(graph)).toMatchObject({
      "tower/i/dense": ["tower/d"],
      "other/flatten": ["right"],
      "other/i/dense": ["other/d"],
      "third/flatten": ["left"],
    });
    expect(graph.nodes["third/d"]).toMatchObject({ dense: { units: 4 }, sharedWith: "tower/d" });
    expect(graph.groups.other).toEqual({
      nodes: ["other/flatten", "other/d", "other/i/dense"],
      input: "right",
      output: "other/i/dense",
      block: "tower",
    });
    expect(graph.groups["other/i"]).toMatchObject({ nodes: ["other/i/dense"], input: "other/d", block: "inner" });
  });

  it("has outputs with targets, losses and weights of their own", () => {
    const graph = graphOf(
      `layers: [{ name: flat, flatten: {} }, { name: digit, dense: { units: 10, activation: softmax } }, { name: again, from: flat, dense: { units: 784 } },
       { reshape: { targetShape: [28, 28] }, name: picture }],
       outputs: { digit: { node: digit, weight: 2 }, picture: { node: picture, target: image, loss: { huber: { delta: 2 } } }, hidden: flat }`,
      "",
      "loss: { digit: categorical-crossentropy }, weights: { picture: 0.1 }",
    );
    expect(graph.outputs).toEqual({
      digit: { node: "digit", target: null, weight: 2 },
      picture: { node: "picture", target: "image", loss: { huber: { delta: 2 } } },
      hidden: { node: "flat" },
    });
  });

  it("leaves out what leads nowhere", () => {
    const { variants, warnings } = load(
      {
        "a.yaml": pipeline(
          `layers: [{ name: a, flatten: {} }, { name: b, dense: { units: 3 } }, { from: a, ${head} }]`,
        ),
      },
      ["a.yaml"],
    );
    const graph = paramsOf(variants[0] as never, "build") as unknown as GraphSpec;
    expect(Object.keys(graph.nodes)).toEqual(["a", "model/dense"]);
    expect(warnings).toMatchObject([{ code: "dead-layer", severity: "warning" }]);
  });
});

describe("blocks", () => {
  const unit =
    'unit: { params: { units: 4, kind: { relu: 1 } }, layers: [{ name: d, dense: { units: "${block.units}" } }, { add: {}, from: [input, d] }] }';

  it("are written out under the name of their use, with their params", () => {
    const graph = graphOf(
      `layers: [flatten, { dense: { units: 4 } }, unit, { unit: { units: 4 }, repeat: 2 }, { ${head} }]`,
      unit,
    );
    expect(wiring(graph)).toEqual({
      "model/flatten": ["input"],
      "model/dense": ["model/flatten"],
      "model/unit/d": ["model/dense"],
      "model/unit/add": ["model/dense", "model/unit/d"],
      "model/unit_1/d": ["model/unit/add"],
      "model/unit_1/add": ["model/unit/add", "model/unit_1/d"],
      "model/unit_2/d": ["model/unit_1/add"],
      "model/unit_2/add": ["model/unit_1/add", "model/unit_2/d"],
      "model/dense_1": ["model/unit_2/add"],
    });
    expect(graph.groups["model/unit_1"]).toEqual({
      nodes: ["model/unit_1/d", "model/unit_1/add"],
      input: "model/unit/add",
      output: "model/unit_1/add",
      block: "unit",
    });
  });

  it("take params of any type, also from the pipeline and from the block around them", () => {
    const blocks =
      'inner: { params: { layer: flatten, more: [] }, layers: ["${block.layer}", { dense: { units: 3 } }] }, outer: { params: { n: 1 }, layers: [{ inner: { layer: { dense: { units: "${block.n}" } } } }, { dense: { units: "${params.width}" } }] }';
    const yaml = pipeline(`layers: [inner, { outer: { n: "\${params.width}" } }, { ${head} }]`, blocks);
    const graph = paramsOf(loadOne(`params: { width: 7 }\n${yaml}`), "build") as unknown as GraphSpec;
    expect(graph.nodes["model/outer/inner/dense"]).toMatchObject({ dense: { units: 7 } });
    expect(graph.nodes["model/outer/dense"]).toMatchObject({ dense: { units: 7 } });
    expect(Object.keys(graph.nodes)).toContain("model/inner/flatten");
  });

  it("have several inputs, and a result that is not their last layer", () => {
    const graph = graphOf(
      `layers: [flatten, { name: a, dense: { units: 4 } }, { name: b, dense: { units: 4 } }, { gate: {}, from: [b, a] }, { ${head} }]`,
      "gate: { inputs: [x, y], output: sum, layers: [{ name: sum, from: [y, x], add: {} }, { name: probe, from: sum, dense: { units: 1 } }] }",
    );
    expect(wiring(graph)).toMatchObject({ "model/gate/sum": ["a", "b"], "model/dense": ["model/gate/sum"] });
    expect(graph.nodes).not.toHaveProperty("model/gate/probe");
    expect(graph.groups["model/gate"]).toEqual({ nodes: ["model/gate/sum"], output: "model/gate/sum", block: "gate" });
  });

  it("are inherited, overridden key by key, and set", () => {
    const files = {
      "blocks.yaml": pipeline(
        `layers: [flatten, unit, { ${head} }]`,
        'unit: { params: { units: 4 }, layers: [{ dense: { units: "${block.units}" } }] }',
      ),
      "a.yaml": "extends: blocks.yaml\nname: a\nblocks: { unit: { params: { units: 5 } } }\n",
      "b.yaml": "extends: blocks.yaml\nname: b\n",
    };
    const units = (file: string, sets: string[] = []) =>
      (paramsOf(load(files, [file], sets).variants[0] as never, "build") as unknown as GraphSpec).nodes[
        "model/unit/dense"
      ];
    expect(units("b.yaml")).toMatchObject({ dense: { units: 4 } });
    expect(units("a.yaml")).toMatchObject({ dense: { units: 5 } });
    expect(units("a.yaml", ["blocks.unit.params.units=6"])).toMatchObject({ dense: { units: 6 } });
  });

  it("stay as they were written in the resolved pipeline, which means the same", () => {
    const yaml = pipeline(`layers: [flatten, { dense: { units: 4 } }, unit, { ${head} }]`, unit);
    const first = loadOne(yaml);
    expect(first.resolvedYaml).toContain("${block.units}");
    expect(first.written.get("build")).toHaveProperty("blocks.unit.layers");
    expect(first.written.get("train")).not.toHaveProperty("blocks");
    expect(paramsOf(loadOne(first.resolvedYaml), "build")).toEqual(paramsOf(first, "build"));
    expect(loadOne(first.resolvedYaml).resolvedYaml).toBe(first.resolvedYaml);
  });

  it("that repeat each other without end are refused at once", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `b${i}: { layers: [{ b${i + 1}: {}, repeat: 1000 }] }`);
    const blocks = [...levels, "b30: { layers: [flatten] }"].join(", ");
    expect(() => graphOf(`layers: [b0]`, blocks)).toThrow(/too-many-layers/);
    const wide = Array.from({ length: 30 }, (_, i) => `b${i}: { layers: [b${i + 1}, b${i + 1}] }`);
    expect(() => graphOf(`layers: [b0]`, [...wide, "b30: { layers: [dens] }"].join(", "))).toThrow(/unknown-layer/);
  });
});

describe("a graph's plain data", () => {
  const yaml = pipeline(
    `layers: [flatten, { unit: { units: 4 } }, { name: d, ${head} }], outputs: { digit: { node: d, target: label } }`,
    'unit: { params: { units: 4 }, layers: [{ dense: { units: "${block.units}" } }] }',
  );

  it("has its places in the YAML", () => {
    const build = loadOne(yaml).stages.find(({ name }) => name === "build") as Stage;
    const textAt = (path: (string | number)[]) => {
      const { lineText, column, length } = build.locate(path);
      return lineText.slice(column - 1, column - 1 + length);
    };
    expect(textAt(["nodes", "model/flatten"])).toBe("flatten");
    expect(textAt(["nodes", "model/unit/dense", "dense", "units"])).toBe("4");
    expect(textAt(["nodes", "d", "dense", "units"])).toBe("10");
    expect(textAt(["outputs", "digit"])).toBe("digit");
    expect(textAt(["nodes", "none"])).toBe("build");
  });

  it("gives reasons that name the layer", () => {
    const partsOf = (sets: readonly string[]) =>
      ({ kind: "build", params: paramsOf(loadOne(yaml, {}, sets), "build") }) as unknown as FingerprintParts;
    expect(explain(partsOf(["stages.build.layers.1.unit.units=8"]), partsOf([]))).toBe(
      "params.nodes.model/unit/dense.dense.units: 4 → 8",
    );
  });
});
