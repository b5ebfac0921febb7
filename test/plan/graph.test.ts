import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildGraph, pruned } from "../../src/plan/graph.js";
import type { PlanNode } from "../../src/plan/index.js";
import type { Pipeline } from "../../src/spec/types.js";
import { tempDir } from "../store/rig.js";
import { catalog, experiment, fileDigest, pipeline, vae } from "./rig.js";

const noFiles = (path: string): never => {
  throw new Error(`no file was to be read, but ${path} was`);
};
const graph = (...variants: readonly Pipeline[]) => buildGraph(experiment(...variants), catalog, noFiles);

/** `load:a,b` for a node that serves the stage `load` of the variants a and b. */
const shown = ({ stage, labels }: PlanNode) => `${stage.name}:${labels.map(({ pipeline }) => pipeline)}`;

describe("stages of several variants", () => {
  test("that agree on themselves and on all above are one node", () => {
    expect(graph(vae("a", { hidden: 64 }), vae("b", { hidden: 16 })).map(shown)).toEqual([
      "load:a,b",
      "flatten:a,b",
      "normalize:a,b",
      "build:a",
      "train:a",
      "evaluate:a",
      "visualize:a",
      "build:b",
      "train:b",
      "evaluate:b",
      "visualize:b",
    ]);
  });

  test("that are equal throughout are the same nodes, whatever the variants are called", () => {
    const once = graph(vae("a")).map(({ id }) => id);
    expect(graph(vae("b"), vae("c")).map(({ id }) => id)).toEqual(once);
  });

  test("that differ above are apart, though they look alike", () => {
    const nodes = graph(vae("a", { method: "min-max" }), vae("b", { method: "standard" }));
    expect(nodes.map(shown).filter((text) => text.startsWith("train"))).toEqual(["train:a", "train:b"]);
  });

  test("share what draws no random numbers when their seeds differ", () => {
    const nodes = graph(vae("a", { seed: 1 }), vae("b", { seed: 2 }));
    expect(nodes.filter(({ labels }) => labels.length === 2).map(({ stage }) => stage.name)).toEqual([
      "load",
      "flatten",
      "normalize",
      "build",
    ]);
    expect(nodes.filter(({ stage }) => stage.name === "train").map(({ seed }) => seed)).toEqual([1, 2]);
  });

  test("merge under other names of their own", () => {
    const nodes = graph(pipeline("a", { load: {} }), pipeline("b", { images: { kind: "load" } }));
    expect(nodes.map(({ labels }) => labels)).toEqual([
      [
        { pipeline: "a", stage: "load" },
        { pipeline: "b", stage: "images" },
      ],
    ]);
  });

  test("that wait for different stages are apart, even if they read the same", () => {
    const nodes = graph(
      pipeline("a", { load: {}, flatten: {}, other: { kind: "load", params: { dataset: "x" }, needs: [] } }),
      pipeline("b", { load: {}, flatten: {}, other: { kind: "load", params: { dataset: "x" }, needs: ["flatten"] } }),
    );
    expect(nodes.map(shown)).toEqual(["load:a,b", "flatten:a,b", "other:a", "other:b"]);
  });
});

test("every node follows its inputs and its needs", () => {
  const nodes = graph(vae("a"), vae("b", { hidden: 16 }), vae("c", { method: "standard" }));
  nodes.forEach((node, i) => {
    const above = nodes.slice(0, i).map(({ id }) => id);
    expect(above).toEqual(expect.arrayContaining([...node.after]));
    expect(node.after).toEqual(expect.arrayContaining(Object.values(node.inputs).map((from) => from.node)));
  });
});

test("a stage that stands before what it needs is a bug in what was checked", () => {
  const wrong = pipeline("a", { flatten: { kind: "load", needs: ["load"] }, load: {} });
  expect(() => graph(wrong)).toThrow("a: flatten comes before load, which it needs");
});

test("files count by their content, not by their path", () => {
  const [one, two] = [tempDir(), tempDir()].map((dir) => join(dir, "images.idx")) as [string, string];
  writeFileSync(one, "same");
  writeFileSync(two, "same");
  const variant = (name: string, absolute: string) =>
    pipeline(name, {
      load: { params: { train: { images: absolute } }, files: [{ path: ["train", "images"], absolute }] },
    });
  const build = () => buildGraph(experiment(variant("a", one), variant("b", two)), catalog, fileDigest);
  const [node, ...rest] = build();
  expect(rest).toEqual([]);
  writeFileSync(two, "other");
  expect(build().map(shown)).toEqual(["load:a", "load:b"]);
  expect(build()[0]?.id).toBe(node?.id);
});

describe("until", () => {
  test("keeps a stage and what it follows", () => {
    const nodes = graph(vae("a"), vae("b", { hidden: 16 }));
    expect(pruned(nodes, "build").map(shown)).toEqual([
      "load:a,b",
      "flatten:a,b",
      "normalize:a,b",
      "build:a",
      "build:b",
    ]);
  });

  test("keeps the same ids", () => {
    const nodes = graph(vae("a"));
    expect(pruned(nodes, "train").map(({ id }) => id)).toEqual(nodes.slice(0, 5).map(({ id }) => id));
  });
});
