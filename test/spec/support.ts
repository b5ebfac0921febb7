import { join } from "node:path";
import { nodeDisk } from "../../src/base/disk.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import type { LoadedExperiment, Pipeline } from "../../src/spec/types.js";
import { fakeDisk } from "./fake-disk.js";

/** Name → content. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Loads without complaints, or throws them. */
export function load(files: Files, named: readonly string[], sets: readonly string[] = []): LoadedExperiment {
  const inFolder = Object.fromEntries(Object.entries(files).map(([name, content]) => [join("/w", name), content]));
  const loaded = loadExperiment(named, { catalog: builtIn, cwd: "/w", sets, disk: fakeDisk(inFolder, nodeDisk) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error, null, 1));
  return loaded.value;
}

/** The only variant of `a.yaml`. */
export function loadOne(yaml: string, more: Files = {}, sets: readonly string[] = []): Pipeline {
  return load({ "a.yaml": yaml, ...more }, ["a.yaml"], sets).variants[0] as Pipeline;
}

export function paramsOf(pipeline: Pipeline, name: string) {
  return pipeline.stages.find((stage) => stage.name === name)?.params;
}

export const classifier = `
name: classifier
params: { units: 10, rate: 0.5 }
stages:
  load: { dataset: mnist }
  normalize: {}
  build:
    family: sequential
    layers: [flatten, { dense: { units: "\${params.units}", activation: softmax } }]
  train: { loss: categorical-crossentropy, epochs: 1, optimizer: { adam: { learningRate: "\${params.rate}" } } }
  evaluate: {}
`;
