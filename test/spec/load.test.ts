import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { nodeDisk } from "../../src/base/disk.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import type { Stage } from "../../src/spec/types.js";
import { fakeDisk, idx } from "./fake-disk.js";
import { classifier, type Files, load, loadOne, paramsOf } from "./support.js";

const root = join(import.meta.dirname, "../..");

describe("a shipped pipeline", () => {
  const shipped = readdirSync(join(root, "pipelines")).filter((name) => name.endsWith(".yaml"));
  // What names code of its own is loaded and run by test/cli/own-kinds.test.ts.
  it.each(shipped.filter((name) => name !== "own-code.yaml"))("pipelines/%s loads without a word", (name) => {
    const loaded = loadExperiment([join("pipelines", name)], { catalog: builtIn, cwd: root });
    expect(loaded).toMatchObject({ ok: true, value: { warnings: [] } });
  });

  it("compares the two variants of the reference experiment", () => {
    const loaded = loadExperiment(["pipelines/compare.yaml"], { catalog: builtIn, cwd: root });
    if (!loaded.ok) throw new Error("does not load");
    const { variants, baseline, question } = loaded.value;
    expect(variants.map(({ name, params }) => [name, params.hidden])).toEqual([
      ["vae-64", 64],
      ["vae-16", 16],
    ]);
    expect(baseline).toBe("vae-16");
    const files = ["compare.yaml", "vae-64.yaml", "vae.yaml", "vae-16.yaml"];
    expect([...loaded.value.files].sort()).toEqual(files.map((name) => join(root, "pipelines", name)).sort());
    expect(question).toMatch(/\?$/);
    // The facts of the experiment.
    for (const variant of variants) {
      expect(paramsOf(variant, "build")).toMatchObject({
        nodes: { "latent/mean": { dense: { units: 2 } }, "latent/z": { sampling: { noise: 0.1, scale: "exp" } } },
      });
      expect(paramsOf(variant, "train")).toMatchObject({
        optimizer: { adam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } },
        loss: { reconstruction: { "binary-crossentropy": {} }, kl: 1 },
        batchSize: 32,
        epochs: 100,
        shuffle: true,
        validation: "test",
      });
    }
  });
});

describe("parameters", () => {
  it("are complete: defaults filled in, kinds written out", () => {
    const pipeline = loadOne(classifier);
    expect(paramsOf(pipeline, "build")).toEqual({
      inputs: { input: { column: null } },
      nodes: {
        "model/flatten": { flatten: {}, from: ["input"] },
        "model/dense": {
          dense: {
            units: 10,
            activation: "softmax",
            useBias: true,
            kernelInitializer: { glorotUniform: {} },
            biasInitializer: { zeros: {} },
          },
          from: ["model/flatten"],
        },
      },
      outputs: { output: { node: "model/dense", target: null } },
      groups: {},
    });
    expect(paramsOf(pipeline, "train")).toMatchObject({ schedule: { constant: {} }, shuffle: true });
    expect(paramsOf(pipeline, "evaluate")).toEqual({ splits: ["train", "test"] });
  });

  it("take the value and type of a param, and its text within a text", () => {
    const pipeline = loadOne(`description: "\${params.units} units at $\${x} \${ params.rate }"${classifier}`);
    expect(pipeline.description).toBe("10 units at ${x} 0.5");
    expect(paramsOf(pipeline, "train")).toMatchObject({ optimizer: { adam: { learningRate: 0.5 } } });
  });

  it("may be whole lists and mappings", () => {
    const yaml = classifier
      .replace("rate: 0.5", "rate: { sgd: { momentum: 0.9 } }")
      .replace('{ adam: { learningRate: "${params.rate}" } }', '"${params.rate}"');
    expect(paramsOf(loadOne(yaml), "train")).toMatchObject({
      optimizer: { sgd: { learningRate: 0.01, momentum: 0.9 } },
    });
  });

  it("may come from anchors", () => {
    const yaml = classifier.replace("[flatten, {", "[&f flatten, *f, {");
    expect(paramsOf(loadOne(yaml), "build")).toMatchObject({
      nodes: { "model/flatten": {}, "model/flatten_1": { flatten: {}, from: ["model/flatten"] }, "model/dense": {} },
    });
  });
});

describe("pictures without channels", () => {
  const mnist = (build: string, train: string) =>
    `stages: { load: { dataset: mnist }, normalize: {}, build: { ${build} }, train: { ${train}, epochs: 1 }, evaluate: {} }`;

  it("may go into layers of pictures as they are, and come back", () => {
    const conv = "conv2d: { filters: 4, kernelSize: 3 }";
    const classes = "dense: { units: 10, activation: softmax }";
    loadOne(
      mnist(
        `family: sequential, layers: [${conv}, max_pooling2d, flatten, ${classes}]`,
        "loss: categorical-crossentropy",
      ),
    );
    const last = "conv2d: { filters: 1, kernelSize: 3, padding: same, activation: sigmoid }";
    const decoder = `[up_sampling2d, ${last}]`;
    loadOne(mnist(`family: autoencoder, encoder: [max_pooling2d], decoder: ${decoder}`, "loss: binary-crossentropy"));
  });
});

describe("stages", () => {
  it("take each input from the nearest stage above that makes it", () => {
    const pipeline = loadOne(classifier);
    const links = pipeline.stages.map((stage) => [stage.name, stage.needs, wiresOf(stage)]);
    expect(links).toEqual([
      ["load", [], {}],
      ["normalize", ["load"], { dataset: "load.dataset" }],
      ["build", ["normalize"], { dataset: "normalize.dataset" }],
      ["train", ["build"], { dataset: "normalize.dataset", model: "build.model" }],
      ["evaluate", ["train"], { dataset: "normalize.dataset", model: "build.model", weights: "train.weights" }],
    ]);
  });

  it("take an input from the stage that `inputs` names, whatever stands between", () => {
    const pipeline = loadOne(`
name: wired
stages:
  load: { dataset: mnist }
  raw: { uses: flatten }
  scaled: { uses: normalize }
  build: { family: sequential, layers: [{ dense: { units: 10, activation: softmax } }], inputs: { dataset: raw } }
  train: { loss: categorical-crossentropy, epochs: 1, inputs: { dataset: scaled.dataset } }
  evaluate: { inputs: { dataset: raw.dataset } }
`);
    const links = pipeline.stages.map((stage) => [stage.name, stage.needs, wiresOf(stage)]);
    expect(links.slice(3)).toEqual([
      ["build", ["scaled", "raw"], { dataset: "raw.dataset" }],
      ["train", ["build", "scaled"], { dataset: "scaled.dataset", model: "build.model" }],
      ["evaluate", ["train", "raw"], { dataset: "raw.dataset", model: "build.model", weights: "train.weights" }],
    ]);
  });

  it("come after what `inputs` names, which does not change what else they find above", () => {
    const pipeline = loadOne(`
name: sides
stages:
  early: { uses: flatten, needs: [load], inputs: { dataset: other } }
  load: { dataset: mnist, needs: [] }
  other: { uses: load, dataset: mnist, needs: [] }
  normalize: { needs: [load] }
  build: { family: sequential, layers: [flatten, { dense: { units: 10, activation: softmax } }] }
  first: { uses: train, loss: categorical-crossentropy, epochs: 1, needs: [build, other], inputs: { dataset: other } }
  evaluate: { needs: [build], inputs: { weights: first.weights } }
`);
    expect(pipeline.stages.map(({ name }) => name).slice(0, 3)).toEqual(["load", "other", "early"]);
    expect(wiresOf(pipeline.stages[2] as Stage)).toEqual({ dataset: "other.dataset" });
    expect(wiresOf(pipeline.stages.at(-1) as Stage)).toMatchObject({
      dataset: "normalize.dataset",
      weights: "first.weights",
    });
  });

  it("come after what they need, wherever they are written", () => {
    const pipeline = loadOne(`
name: order
stages:
  second: { uses: normalize, needs: [first] }
  first: { uses: load, dataset: mnist, needs: [] }
  third: { uses: flatten, needs: [second] }
`);
    expect(pipeline.stages.map(({ name }) => name)).toEqual(["first", "second", "third"]);
  });

  it("say where a parameter stands, or the nearest place around it", () => {
    const pipeline = loadOne(`extends: b.yaml\nname: a\nstages:\n  train:\n    epochs: 2\n`, { "b.yaml": classifier });
    const train = pipeline.stages.find(({ name }) => name === "train");
    const place = (path: (string | number)[]) => {
      const { file, line, lineText, column, length } = (train as Stage).locate(path);
      return [file, line, lineText.slice(column - 1, column - 1 + length)];
    };
    expect(place(["epochs"])).toEqual(["a.yaml", 5, "2"]);
    expect(place(["loss"])).toEqual(["b.yaml", 10, "categorical-crossentropy"]);
    expect(place(["loss", "categorical-crossentropy", "labelSmoothing"])).toEqual([
      "b.yaml",
      10,
      "categorical-crossentropy",
    ]);
    expect(place(["optimizer", "adam"])).toEqual(["b.yaml", 10, "adam"]);
    expect(place(["optimizer", "adam", "beta1"])).toEqual(["b.yaml", 10, "adam"]);
    expect(place(["batchSize"])).toEqual(["a.yaml", 4, "train"]);
    expect(place([])).toEqual(["a.yaml", 4, "train"]);
  });

  it("look files up beside the file that names them, and show no absolute path", () => {
    const data = { "data/sub/images": idx([4, 2, 2]), "data/labels": idx([4], (i) => i % 2) };
    const base = `
stages:
  load: { dataset: own, train: { images: sub/images, labels: /w/data/labels } }
  normalize: {}
`;
    const pipeline = loadOne("extends: data/base.yaml\nname: a", { ...data, "data/base.yaml": base });
    const load = pipeline.stages[0];
    expect(load?.files).toEqual([
      { path: ["train", "images"], absolute: "/w/data/sub/images" },
      { path: ["train", "labels"], absolute: "/w/data/labels" },
    ]);
    expect(load?.params).toEqual({ dataset: "own", train: { images: "data/sub/images", labels: "labels" } });
    expect(pipeline.resolvedYaml).not.toContain("/w");
  });
});

describe("the resolved YAML", () => {
  it("is a pipeline by itself that resolves to the same", () => {
    const first = loadOne("extends: b.yaml\nname: a\nparams: { rate: 0.25 }", { "b.yaml": classifier }, ["seed=5"]);
    expect(parse(first.resolvedYaml)).toMatchObject({ name: "a", seed: 5, params: { units: 10, rate: 0.25 } });
    // Its params are there to be read; their values stand in the stages already.
    const second = loadOne(first.resolvedYaml.replace(/^params:\n( .*\n)*/m, ""));
    expect(second.stages.map(({ name, params }) => [name, params])).toEqual(
      first.stages.map(({ name, params }) => [name, params]),
    );
  });

  it("is the same wherever the files lie", () => {
    const text = (folder: string) => {
      const disk = fakeDisk({ [`${folder}/a.yaml`]: classifier }, nodeDisk);
      const loaded = loadExperiment([`${folder}/a.yaml`], { catalog: builtIn, cwd: "/elsewhere", disk });
      return loaded.ok ? loaded.value.variants[0]?.resolvedYaml : "";
    };
    expect(text("/one")).toBe(text("/two/three"));
  });
});

describe("an experiment", () => {
  const files = { "a.yaml": classifier, "b.yaml": "extends: a.yaml\nname: b\ndescription: the b" };

  it("of one pipeline has one variant, which is the baseline", () => {
    expect(load(files, ["b.yaml"])).toMatchObject({
      name: "b",
      question: "",
      description: "the b",
      baseline: "b",
      variants: [{ name: "b", file: "b.yaml" }],
    });
  });

  it("takes variants from files and written in place", () => {
    const comparison = "question: Which?\nvariants: [a.yaml, { extends: b.yaml, name: c }]\nbaseline: c";
    const experiment = load({ ...files, "which.yaml": comparison }, ["which.yaml"]);
    expect(experiment).toMatchObject({ name: "which", question: "Which?", baseline: "c" });
    expect(experiment.variants.map(({ name, file }) => [name, file])).toEqual([
      ["classifier", "a.yaml"],
      ["c", "which.yaml"],
    ]);
  });

  it("joins several files", () => {
    const joined = load(files, ["a.yaml", "b.yaml"]);
    expect(joined).toMatchObject({ name: "classifier-b", baseline: "classifier" });
    const comparison = "name: both\nvariants: [a.yaml]";
    expect(load({ ...files, "c.yaml": comparison }, ["b.yaml", "c.yaml"])).toMatchObject({
      name: "both",
      baseline: "b",
    });
  });

  it("takes its name from the file where none is given", () => {
    expect(loadOne(classifier.replace("name: classifier", "")).name).toBe("a");
  });
});

/** `a1: &a1 [*a0]`, `a2: &a2 [*a1]`, …: flat to look at, and `height` levels deep. */
function aliasTower(height: number): string {
  const floors = Array.from({ length: height }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`);
  return `a0: &a0 x\n${floors.join("")}`;
}

describe("what the file system says", () => {
  it.each([
    ["missing-file", ["nothing.yaml"], {}],
    ["not-a-file", ["."], {}],
    ["not-utf8", ["a.yaml"], { "a.yaml": Uint8Array.of(97, 58, 32, 0xff, 10) }],
    ["file-too-large", ["a.yaml"], { "a.yaml": `# ${"x".repeat(256 * 1024)}` }],
    ["too-deep", ["a.yaml"], { "a.yaml": "[".repeat(20_000) + "]".repeat(20_000) }],
    ["too-deep", ["a.yaml"], { "a.yaml": "[".repeat(100_000) }],
    ["too-deep", ["a.yaml"], { "a.yaml": "- ".repeat(66) }],
    ["too-deep", ["a.yaml"], { "a.yaml": aliasTower(70) }],
  ])("is told: %s", (code, named, files) => {
    const inFolder = Object.fromEntries(
      Object.entries(files as Files).map(([name, content]) => [join("/tmp", name), content]),
    );
    const loaded = loadExperiment(named, { catalog: builtIn, cwd: "/tmp", disk: fakeDisk(inFolder, nodeDisk) });
    expect(loaded).toMatchObject({ ok: false, error: [{ code, severity: "error" }] });
  });

  it("goes without a byte order mark", () => {
    expect(loadOne(`\ufeff${classifier}`).name).toBe("classifier");
  });
});

describe("docs/diagnostics.md", () => {
  it("lists every code that the input can cause, and no other", () => {
    const sources = ["spec", "data"].flatMap((folder) =>
      readdirSync(join(root, "src", folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")),
    );
    const said = sources.flatMap((text) => [
      ...text.matchAll(
        /(?:\.error|\.warn|\.keyError|#fail)\(\s*"([a-z0-9-]+)"|code: "([a-z0-9-]+)"|return \["([a-z]+-[a-z-]+)",/g,
      ),
    ]);
    const codes = new Set(said.map(([, a, b, c]) => a ?? b ?? c));
    // Made of a folder's or a group's name, or of what a chart of a user's names.
    const kinds = "family layer initializer loss optimizer schedule chart param stage block".split(" ");
    const named = "table field mark channel type aggregate transform".split(" ");
    for (const one of [...kinds, ...named]) codes.add(`unknown-${one}`);
    const text = readFileSync(join(root, "docs/diagnostics.md"), "utf8");
    const input = text.slice(text.indexOf("## The input")).split("\n## ")[0] as string;
    const listed = [...input.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
    expect(listed.toSorted()).toEqual([...codes].toSorted());
  });
});

/** A stage's wires as YAML writes them. */
function wiresOf({ inputs }: Stage): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([input, { stage, port }]) => [input, `${stage}.${port}`]));
}
