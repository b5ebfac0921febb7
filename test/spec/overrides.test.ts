import { describe, expect, it } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { Complaints } from "../../src/spec/complaints.js";
import { loadExperiment } from "../../src/spec/load.js";
import { parseYaml } from "../../src/spec/parse.js";
import { Source } from "../../src/spec/source.js";
import { toJson } from "../../src/spec/tree.js";
import { fakeDisk } from "./fake-disk.js";
import { classifier, load, loadOne, paramsOf } from "./support.js";

describe("extends", () => {
  const base = { "base.yaml": classifier };

  it("merges mappings and replaces all else, through several files", () => {
    const pipeline = loadOne(
      "extends: sub/mid.yaml\nname: top\nparams: { units: 10 }\nstages: { train: { epochs: 3 } }",
      { ...base, "sub/mid.yaml": "extends: ../base.yaml\nseed: 7\nparams: { units: 5, rate: 1 }" },
    );
    expect(pipeline).toMatchObject({ name: "top", seed: 7, params: { units: 10, rate: 1 } });
    expect(paramsOf(pipeline, "train")).toMatchObject({ epochs: 3, optimizer: { adam: { learningRate: 1 } } });
  });

  it("replaces a kind by another, and merges the parameters of the same kind", () => {
    const withOptimizer = (optimizer: string, params: string) =>
      paramsOf(loadOne(`extends: base.yaml\nstages: { train: { optimizer: ${optimizer} }, ${params} }`, base), "train");
    expect(withOptimizer("{ adam: { beta1: 0.5 } }", "")).toMatchObject({
      optimizer: { adam: { beta1: 0.5, learningRate: 0.5 } },
    });
    const other =
      'evaluate: { splits: [train] }, flatten: {}, again: { uses: train, needs: [build], loss: huber, epochs: 1, optimizer: { adam: { learningRate: "${params.rate}" } } }';
    const replaced = withOptimizer("{ sgd: {} }", other.replace("flatten: {}, ", ""));
    expect(replaced).toMatchObject({ optimizer: { sgd: { learningRate: 0.01 } } });
    expect(replaced?.optimizer).not.toHaveProperty("adam");
  });

  it("keeps the order of the stages and adds new ones at the end", () => {
    const pipeline = loadOne("extends: base.yaml\nstages: { visualize: {}, load: { limit: { train: 50 } } }", base);
    expect(pipeline.stages.map(({ name }) => name)).toEqual([
      "load",
      "normalize",
      "build",
      "train",
      "evaluate",
      "visualize",
    ]);
    expect(paramsOf(pipeline, "load")).toEqual({ dataset: "mnist", limit: { train: 50 } });
  });
});

describe("--set", () => {
  it("sets params, parameters and the seed, typed as in YAML", () => {
    const sets = [
      "params.rate=1e-2",
      "stages.train.batchSize=64",
      "seed=3",
      "stages.evaluate.splits=[test]",
      "description=a: b",
    ];
    const pipeline = loadOne(classifier, {}, sets.slice(0, 4));
    expect(pipeline).toMatchObject({ seed: 3, params: { rate: 0.01 } });
    expect(paramsOf(pipeline, "train")).toMatchObject({ batchSize: 64, optimizer: { adam: { learningRate: 0.01 } } });
    expect(paramsOf(pipeline, "evaluate")).toEqual({ splits: ["test"] });
  });

  it("reaches into lists and replaces kinds", () => {
    const pipeline = loadOne(classifier.replace("rate: 0.5", "rate: 4"), {}, [
      "stages.build.layers.1.dense.useBias=false",
      "stages.train.optimizer.sgd.momentum=0.5",
      "stages.train.clip.norm=${params.rate}",
    ]);
    expect(paramsOf(pipeline, "build")).toMatchObject({
      nodes: { "model/dense": { dense: { useBias: false, units: 10 } } },
    });
    expect(paramsOf(pipeline, "train")).toMatchObject({ optimizer: { sgd: { momentum: 0.5 } }, clip: { norm: 4 } });
  });

  it("applies to every variant", () => {
    const experiment = load(
      { "a.yaml": classifier, "b.yaml": "extends: a.yaml\nname: b" },
      ["a.yaml", "b.yaml"],
      ["seed=9"],
    );
    expect(experiment.variants.map(({ seed }) => seed)).toEqual([9, 9]);
  });
});

describe("null", () => {
  const child = (yaml: string) => loadOne(`extends: base.yaml\n${yaml}`, { "base.yaml": classifier });

  it("takes away a param whose layers were replaced", () => {
    const layers = "[flatten, { dense: { units: 10, activation: softmax } }]";
    const pipeline = child(`params: { units: null }\nstages: { build: { layers: ${layers} } }`);
    expect(pipeline.params).toEqual({ rate: 0.5 });
    expect(pipeline.resolvedYaml).not.toContain("null");
  });

  it("takes away stages, parameters and the other kind", () => {
    const pipeline = child(
      "seed: 3\nstages: { evaluate: null, train: { optimizer: { adam: ~, sgd: {} } } }\nparams: { rate: null }",
    );
    expect(pipeline.stages.map(({ name }) => name)).toEqual(["load", "normalize", "build", "train"]);
    expect(paramsOf(pipeline, "train")?.optimizer).toMatchObject({ sgd: { learningRate: 0.01 } });
  });

  it("goes through several files and into a param that is a mapping", () => {
    const files = {
      "base.yaml": `${classifier}`
        .replace("rate: 0.5", "rate: 0.5, spare: { a: 1, b: 2 }")
        .replace('"${params.rate}"', "0.1"),
      "middle.yaml": "extends: base.yaml\nparams: { rate: null }",
    };
    const experiment = load({ ...files, "a.yaml": "extends: middle.yaml\nparams: { spare: { a: null, c: null } }" }, [
      "a.yaml",
    ]);
    expect(experiment.variants[0]?.params).toEqual({ units: 10, spare: { b: 2, c: null } });
    expect(experiment.warnings.map(({ code, severity }) => [code, severity])).toEqual([["unused-param", "warning"]]);
  });

  it("comes from --set, too", () => {
    const pipeline = loadOne(classifier, {}, [
      "stages.evaluate=null",
      "stages.train.optimizer=null",
      "params.rate=null",
    ]);
    expect(pipeline.stages.map(({ name }) => name)).not.toContain("evaluate");
    expect(paramsOf(pipeline, "train")?.optimizer).toMatchObject({ adam: { learningRate: 0.001 } });
  });
});

describe("merge keys", () => {
  const json = (text: string) => {
    const complaints = new Complaints();
    const tree = parseYaml(new Source("a.yaml", "/w", text), complaints);
    return tree === null ? complaints.list().map(({ code }) => code) : toJson(tree);
  };

  // The right sides are what PyYAML 6 reads; a key in quotes is a word there too.
  it.each([
    ["a: &a {x: 1, y: {p: 1, q: 2}}\nb: {<<: *a, y: {p: 3}}", { x: 1, y: { p: 3 } }],
    ["a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}", { x: 1, y: 3 }],
    ["a: [&a {x: 1}, &b {x: 2, z: 3}]\nb: {<<: [*a, *b], w: 1}", { x: 1, z: 3, w: 1 }],
    ["a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb:\n  <<: *c\n  z: 3", { x: 1, y: 2, z: 3 }],
    ["b: {<<: {x: 1}, y: 2}", { x: 1, y: 2 }],
    ["b: {<<: [], y: 2}", { y: 2 }],
    ['a: &a {x: 1}\nb: {"<<": *a}', { "<<": { x: 1 } }],
  ])("are read as in YAML 1.1: %j", (text, expected) => {
    expect((json(text) as { readonly b: unknown }).b).toEqual(expected);
  });

  it("count against the bound on aliases", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} { <<: *l${i}, a: *l${i}, b: *l${i} }`);
    expect(json(`l0: &l0 { x: 1 }\n${levels.join("\n")}`)).toEqual(["alias-bomb"]);
  });

  it("stand wherever a mapping does: stages, parameters, charts", () => {
    const spec =
      "{ data: { name: history }, mark: line, encoding: { x: &f { field: epoch, type: quantitative }, y: { <<: *f, field: loss } } }";
    const pipeline = loadOne(`${classifier}  visualize: { charts: [{ vega-lite: { title: t, spec: ${spec} } }] }\n`);
    expect(JSON.stringify(paramsOf(pipeline, "visualize"))).toContain('"y":{"type":"quantitative","field":"loss"}');
  });
});

describe("--set in a comparison", () => {
  it("says which variant has no such place", () => {
    const files = {
      "/w/a.yaml": classifier,
      "/w/b.yaml": "extends: a.yaml\nname: other\nstages: { evaluate: null }",
      "/w/c.yaml": "variants: [a.yaml, b.yaml]",
    };
    const sets = ["stages.evaluate.splits=[test]"];
    const loaded = loadExperiment(["c.yaml"], { catalog: builtIn, cwd: "/w", sets, disk: fakeDisk(files, nodeDisk) });
    expect(loaded).toMatchObject({
      ok: false,
      error: [
        {
          code: "unknown-stage",
          at: { file: "--set" },
          related: [{ message: "in this variant", at: { file: "b.yaml", line: 2 } }],
        },
      ],
    });
  });
});
