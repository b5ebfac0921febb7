import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { makeFolder, writeWhole } from "../../base/disk.js";
import { diskAdvice } from "../../base/disk-failure.js";
import { err, ok } from "../../base/result.js";
import { cwdOf, type Place, shownPath } from "../paths.js";
import { usageError } from "../usage.js";
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

const STAGE = `import { defineStage, floatValues, inputColumn, inputOf, withValues } from "pipe-experiments";

/** Values of the input below \`least\` become 0. A stage to start from: docs/own-stages.md says what else there is. */
export default defineStage({
  // JSON Schema of the parameters. A key that is not listed is an error.
  schema: {
    type: "object",
    properties: {
      least: { type: "number", default: 0.1, description: "The least value that stays." },
    },
  },
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  run({ params }, { dataset }) {
    const column = { ...inputColumn(dataset), dtype: "float32" as const, scale: 1, offset: 0 };
    return {
      dataset: withValues(dataset, column, (split) => {
        const values = inputOf(dataset, split);
        if (values === undefined) return new Float32Array();
        return floatValues(values).map((value) => (value < params.least ? 0 : value));
      }),
    };
  },
});
`;

const STAGE_PIPELINE = `# yaml-language-server: $schema=SCHEMAS/pipeline.schema.json
# A stage of the project's own, stages/NAME.ts, between others.
name: NAME
description: Digits told apart after a stage of our own
seed: 1
params: { least: 0.1, epochs: 5 }
stages:
  load: { dataset: mnist }
  flatten: {}
  normalize: { method: min-max }
  NAME: { uses: ./stages/NAME.ts, least: "\${params.least}" }
  build:
    family: sequential
    layers:
      - dense: { units: 64, activation: relu }
      - dense: { units: 10, activation: softmax }
  train: { loss: categorical-crossentropy, optimizer: adam, batchSize: 64, epochs: "\${params.epochs}" }
  evaluate: {}
  visualize: {}
`;

const IGNORED = `# What pipe run makes: results that it can make again.
runs/
node_modules/
`;

export interface InitOptions extends Pick<Place, "cwd"> {
  /** Writes a stage of the project's own of this name, and a pipeline that uses it, instead of the classifier. */
  readonly stage?: string;
}

/** Names of files and stages alike: no dots, which `--set` could not tell from its own. */
const STAGE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * Writes `classifier.yaml` and `compare.yaml` into a directory, made if missing, and a `.gitignore` where there is none;
 * with `stage`, `stages/<name>.ts` and `<name>.yaml`. First lines name the schemas for YAML editors: those of the installed
 * package where it lies in a `node_modules` around the directory, else copies beside the files. Overwrites nothing. Returns
 * the paths written.
 */
export function init(directory: string, options: InitOptions = {}): Diagnosed<readonly string[]> {
  const cwd = cwdOf(options);
  const { stage } = options;
  if (stage !== undefined && !STAGE_NAME.test(stage)) {
    return err([usageError(`${JSON.stringify(stage)} is no name for a stage: write letters, digits, - and _`)]);
  }
  const folder = resolve(cwd, directory);
  const installed = installedSchemas(folder);
  const withSchemas = (text: string) => text.replace("SCHEMAS", installed ?? "schemas");
  const named = (text: string) => text.replaceAll("NAME", () => stage as string);
  const ignored = join(folder, ".gitignore");
  const written =
    stage === undefined
      ? [
          { path: join(folder, "classifier.yaml"), text: withSchemas(PIPELINE) },
          { path: join(folder, "compare.yaml"), text: withSchemas(COMPARISON) },
        ]
      : [
          { path: join(folder, "stages", `${stage}.ts`), text: STAGE },
          { path: join(folder, `${stage}.yaml`), text: withSchemas(named(STAGE_PIPELINE)) },
        ];
  const schemas = installed === undefined ? schemaCopies(folder) : [];
  const files = [
    ...(existsSync(ignored) ? [] : [{ path: ignored, text: IGNORED }]),
    // A stage comes into a project that may have them already.
    ...schemas.filter(({ path }) => stage === undefined || !existsSync(path)),
    ...written,
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
