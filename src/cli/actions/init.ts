import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { makeFolder, writeWhole } from "../../base/disk.js";
import { diskAdvice } from "../../base/disk-failure.js";
import { err, ok } from "../../base/result.js";
import { cwdOf, type Place, shownPath } from "../paths.js";
import { packageRoot } from "../versions.js";
import type { Diagnosed } from "./store.js";

const PIPELINE = `# yaml-language-server: $schema=SCHEMAS/pipeline.schema.json
# A classifier of handwritten digits: about a second an epoch.
name: classifier
description: Digits classified by one hidden layer
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

const COMPARISON = `# yaml-language-server: $schema=SCHEMAS/comparison.schema.json
# Two variants of one pipeline, and the question they should answer.
name: hidden-width
question: Does a wider hidden layer tell digits apart better?
variants:
  - { extends: classifier.yaml, name: narrow, params: { hidden: 16 } }
  - { extends: classifier.yaml, name: wide, params: { hidden: 128 } }
baseline: narrow
`;

const IGNORED = `# What pipe run makes: results that it can make again.
runs/
node_modules/
`;

/**
 * Writes `classifier.yaml` and `compare.yaml` into a directory, made if missing, and a `.gitignore` where there is none.
 * Their first lines name the schemas for YAML editors: those of the installed package where it lies in a
 * `node_modules` around the directory, else copies beside the files. Overwrites nothing. Returns the paths written.
 */
export function init(directory: string, options: Pick<Place, "cwd"> = {}): Diagnosed<readonly string[]> {
  const cwd = cwdOf(options);
  const folder = resolve(cwd, directory);
  const installed = installedSchemas(folder);
  const withSchemas = (text: string) => text.replace("SCHEMAS", installed ?? "schemas");
  const ignored = join(folder, ".gitignore");
  const files = [
    ...(existsSync(ignored) ? [] : [{ path: ignored, text: IGNORED }]),
    ...(installed === undefined ? schemaCopies(folder) : []),
    { path: join(folder, "classifier.yaml"), text: withSchemas(PIPELINE) },
    { path: join(folder, "compare.yaml"), text: withSchemas(COMPARISON) },
  ];
  const taken = files.filter(({ path }) => existsSync(path));
  if (taken.length > 0) {
    return err(
      taken.map(({ path }) => ({
        code: "file-exists",
        severity: "error",
        message: `${shownPath(path, cwd)} exists already`,
        fix: "Choose another directory: `pipe init DIR`.",
      })),
    );
  }
  try {
    for (const { path, text } of files) {
      makeFolder(dirname(path));
      writeWhole(path, text);
    }
    return ok(files.map(({ path }) => shownPath(path, cwd)));
  } catch (error) {
    const message = `cannot write to ${shownPath(folder, cwd)}: ${(error as Error).message}`;
    return err([
      { code: "output-unwritable", severity: "error", message, fix: diskAdvice(error, "choose another directory") },
    ]);
  }
}

const SCHEMAS = ["pipeline.schema.json", "comparison.schema.json"];

/** The way from the folder to the schemas of a package that is installed there or above, with `/` on every system. */
function installedSchemas(folder: string): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    const schemas = join(above, "node_modules", "pipe-experiments", "schemas");
    if (SCHEMAS.every((name) => existsSync(join(schemas, name)))) return relative(folder, schemas).split(sep).join("/");
    if (dirname(above) === above) return undefined;
  }
}

function schemaCopies(folder: string): readonly { readonly path: string; readonly text: string }[] {
  return SCHEMAS.map((name) => ({
    path: join(folder, "schemas", name),
    text: readFileSync(new URL(`schemas/${name}`, packageRoot), "utf8"),
  }));
}
