import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string) => readFileSync(join(root, path), "utf8");

// As a YAML editor does: plain draft-07, no words of ours, references by file name.
const ajv = new Ajv({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
});
for (const name of ["pipeline", "comparison"]) ajv.addSchema(JSON.parse(read(`schemas/${name}.schema.json`)));

function errorsOf(kind: "pipeline" | "comparison", yaml: string): string[] {
  const validate = ajv.getSchema(`${kind}.schema.json`);
  if (!validate) throw new Error(`no schema ${kind}`);
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

describe("the schemas for editors", () => {
  const shipped = readdirSync(join(root, "pipelines")).filter((name) => name.endsWith(".yaml"));
  it.each(shipped)("accept pipelines/%s, which names its schema in its first line", (name) => {
    const text = read(`pipelines/${name}`);
    const kind = /^# yaml-language-server: \$schema=\.\.\/schemas\/(pipeline|comparison)\.schema\.json\n/.exec(
      text,
    )?.[1];
    expect(errorsOf(kind as "pipeline", text)).toEqual([]);
  });

  it.each([
    ["an unknown key of a stage", "stages: { load: { dataset: mnist, x: 1 } }", "/stages/load additionalProperties"],
    ["a missing key of a stage", "stages: { train: { epochs: 1 } }", "/stages/train required"],
    ["an unknown stage", "stages: { trian: {} }", "/stages/trian required"],
    ["an unknown kind", "stages: { a: { uses: b } }", "/stages/a/uses enum"],
    ["a wrong number", "stages: { train: { loss: huber, epochs: 0 } }", "/stages/train/epochs minimum"],
    [
      "an unknown key of a layer",
      "stages: { build: { family: sequential, layers: [{ dense: { units: 1, x: 2 } }] } }",
      "/stages/build/layers/0/dense additionalProperties",
    ],
    [
      "a key of another family",
      "stages: { build: { family: sequential, layers: [flatten], encoder: [] } }",
      "/stages/build additionalProperties",
    ],
  ])("refuse %s", (_, yaml, expected) => {
    expect(errorsOf("pipeline", yaml)).toContain(expected);
  });

  it.each([
    [
      "params for values",
      'stages: { train: { loss: "${params.l}", epochs: "${ params.e }", optimizer: "${params.o}" } }',
    ],
    ["parts of stages under extends", "extends: a.yaml\nstages: { train: { epochs: 2 } }"],
    ["another name for a stage", "stages: { again: { uses: train, loss: huber, epochs: 2, needs: [a] } }"],
  ])("allow %s", (_, yaml) => {
    expect(errorsOf("pipeline", yaml)).toEqual([]);
  });
});
