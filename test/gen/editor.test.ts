import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** As a YAML editor does: plain draft-07, no words of ours, each schema by itself. */
const validators = Object.fromEntries(
  (["pipeline", "comparison"] as const).map((name) => {
    const ajv = new Ajv({
      allErrors: true,
      strict: true,
      allowUnionTypes: true,
      strictRequired: false,
      strictTypes: false,
    });
    return [name, ajv.compile(JSON.parse(read(`schemas/${name}.schema.json`)))];
  }),
) as Record<"pipeline" | "comparison", ValidateFunction>;

function errorsOf(kind: "pipeline" | "comparison", yaml: string): string[] {
  const validate = validators[kind];
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, keyword, params }) =>
    `${instancePath} ${keyword} ${params.missingProperty ?? params.additionalProperty ?? ""}`.trim(),
  );
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
    ["an unknown key of a stage", "stages: { load: { dataset: mnist, x: 1 } }", "/stages/load additionalProperties x"],
    ["a missing key of a stage", "stages: { train: { loss: huber } }", "/stages/train required epochs"],
    ["an unknown stage", "stages: { trian: {} }", "/stages/trian const"],
    ["an unknown kind", "stages: { a: { uses: b } }", "/stages/a/uses enum"],
    ["a wrong number", "stages: { train: { loss: huber, epochs: 0 } }", "/stages/train/epochs minimum"],
    [
      "an unknown key of a layer",
      "stages: { build: { family: sequential, layers: [{ dense: { units: 1, x: 2 } }] } }",
      "/stages/build/layers/0/dense additionalProperties x",
    ],
    [
      "a key of another family",
      "stages: { build: { family: sequential, layers: [flatten], encoder: [] } }",
      "/stages/build additionalProperties encoder",
    ],
    ["a missing family", "stages: { build: { encoder: [flatten] } }", "/stages/build required family"],
    ["missing layers", "stages: { build: { family: sequential } }", "/stages/build required layers"],
    ["what a stage of another name lacks", "stages: { a: { uses: train, loss: huber } }", "/stages/a required epochs"],
    [
      "an unknown layer where no block can stand",
      "stages: { build: { family: sequential, layers: [{ bidirectional: { layer: { lstn: { units: 1 } } } }] } }",
      "/stages/build/layers/0/bidirectional/layer additionalProperties lstn",
    ],
    [
      "a layer that is no mapping of parameters",
      "stages: { build: { layers: [{ dense: 5 }] } }",
      "/stages/build/layers/0/dense type",
    ],
    ["a stage that is nothing", "stages: { flatten: }", "/stages/flatten type"],
  ])("refuse %s", (_, yaml, expected) => {
    const errors = errorsOf("pipeline", yaml);
    expect(errors).toContain(expected);
    // What editors would show beside it, and people would follow.
    expect(errors.filter((error) => /required uses/.test(error))).toEqual([]);
    const asVariant = errorsOf("comparison", JSON.stringify({ variants: [parse(yaml)] }));
    expect(asVariant).toContain(`/variants/0${expected}`);
  });

  it("stand by themselves", () => {
    for (const name of ["pipeline", "comparison"]) {
      const references = [...read(`schemas/${name}.schema.json`).matchAll(/"\$ref": "([^"]*)"/g)].map(
        (match) => match[1],
      );
      expect(references.length).toBeGreaterThan(100);
      expect(references.filter((reference) => !reference?.startsWith("#/definitions/"))).toEqual([]);
    }
  });

  it.each([
    [
      "params for values",
      'stages: { train: { loss: "${params.l}", epochs: "${ params.e }", optimizer: "${params.o}" } }',
    ],
    ["parts of stages under extends", "extends: a.yaml\nstages: { train: { epochs: 2 } }"],
    [
      "what `null` takes away under extends",
      "extends: a.yaml\nseed: null\nparams: { a: null }\nstages: { flatten: null, train: { clip: null, epochs: null, loss: null } }",
    ],
    ["stages of other names under extends", "extends: a.yaml\nstages: { again: { epochs: 3 } }"],
    ["another name for a stage", "stages: { again: { uses: train, loss: huber, epochs: 2, needs: [a] } }"],
  ])("allow %s", (_, yaml) => {
    expect(errorsOf("pipeline", yaml)).toEqual([]);
  });
});
