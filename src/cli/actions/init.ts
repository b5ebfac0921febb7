import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeFolder } from "../../base/disk.js";
import { err, ok } from "../../base/result.js";
import { cwdOf, type Place, shownPath } from "../paths.js";
import type { Diagnosed } from "./store.js";

const PIPELINE = `# A classifier of handwritten digits: about a second an epoch.
name: classifier
description: Digits told apart by one hidden layer
seed: 1
params: { hidden: 64, epochs: 5 }
stages:
  load: { dataset: mnist }
  flatten: {}
  normalize: { method: min-max }
  build:
    family: sequential
    layers:
      - dense: { units: "\${params.hidden}", activation: relu }
      - dense: { units: 10, activation: softmax }
  train:
    optimizer: { adam: { learningRate: 0.001 } }
    loss: categorical-crossentropy
    batchSize: 64
    epochs: "\${params.epochs}"
  evaluate: {}
  visualize: {}
`;

const COMPARISON = `# Two variants of one pipeline, and the question they should answer.
name: hidden-width
question: Does a wider hidden layer tell digits apart better?
variants:
  - { extends: classifier.yaml, name: narrow, params: { hidden: 16 } }
  - { extends: classifier.yaml, name: wide, params: { hidden: 128 } }
baseline: narrow
`;

/** Writes `classifier.yaml` and `compare.yaml` into a directory, made if missing. Overwrites nothing. Returns their paths. */
export function init(directory: string, options: Pick<Place, "cwd"> = {}): Diagnosed<readonly string[]> {
  const cwd = cwdOf(options);
  const folder = resolve(cwd, directory);
  const files = [
    { path: join(folder, "classifier.yaml"), text: PIPELINE },
    { path: join(folder, "compare.yaml"), text: COMPARISON },
  ];
  const taken = files.filter(({ path }) => existsSync(path));
  if (taken.length > 0) {
    return err(
      taken.map(({ path }) => ({
        code: "file-exists",
        severity: "error",
        message: `${shownPath(path, cwd)} is there already`,
        fix: "Choose another directory: `pipe init DIR`.",
      })),
    );
  }
  try {
    makeFolder(folder);
    for (const { path, text } of files) writeFileSync(path, text);
    return ok(files.map(({ path }) => shownPath(path, cwd)));
  } catch (error) {
    const message = `cannot write to ${shownPath(folder, cwd)}: ${(error as Error).message}`;
    return err([{ code: "output-unwritable", severity: "error", message, fix: "Choose another directory." }]);
  }
}
