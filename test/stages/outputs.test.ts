/**
 * Equal fingerprints promise equal bytes: what is stored under a fingerprint is used instead of the stage. So a stage whose output
 * changes must change its fingerprint: raise `version` in its schema. Where the fingerprint has a digest of the code it changes by
 * itself; then the record is only here so that no output changes without being noticed.
 * `npx vitest run test/stages/outputs.test.ts -u` records what is made now.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stageRevision } from "../../src/exec/revisions.js";
import type { RunSummary } from "../../src/index.js";
import { Project } from "../rig/rig.js";

const RECORDED = join(import.meta.dirname, "outputs.json");

/** Artifact kind → digest of its manifest, by stage. */
interface Recorded {
  readonly [stage: string]: {
    /** Null where it has a digest of the code, which every change of the engine would make another. */
    readonly fingerprint: string | null;
    readonly outputs: Readonly<Record<string, string>>;
  };
}

const CLASSIFIER = `name: classifier
seed: 3
stages:
  load:
    dataset: tiny
    train: { images: data/train-images.idx, labels: data/train-labels.idx }
    test: { images: data/test-images.idx, labels: data/test-labels.idx }
  normalize: { method: standard }
  build:
    family: sequential
    layers: [flatten, { dense: { units: 4, activation: relu } }, { dense: { units: 3, activation: softmax } }]
  train: { loss: categorical-crossentropy, batchSize: 8, epochs: 2 }
  evaluate: {}
  visualize: {}
`;

const project = new Project();
let made: Recorded;
beforeAll(async () => {
  project.writeTinyExperiment();
  project.write("classifier.yaml", CLASSIFIER);
  const { code, stderr } = await project.pipe(
    "run",
    "narrow.yaml",
    "classifier.yaml",
    "--engine",
    "cpu",
    "--no-report",
  );
  if (code !== 0) throw new Error(stderr);
  made = recordOf(await project.show());
});
afterAll(() => project.remove());

function recordOf({ variants }: RunSummary): Recorded {
  return Object.fromEntries(
    variants.flatMap(({ name, stages }) =>
      stages.map((stage) => [
        `${name}/${stage.name}`,
        {
          fingerprint: stageRevision(stage.kind, "cpu") === undefined ? stage.fingerprint : null,
          outputs: Object.fromEntries(stage.outputs.map(({ kind, digest }) => [kind, digest])),
        },
      ]),
    ),
  );
}

it("makes what was recorded for the same fingerprint", () => {
  const recorded = (existsSync(RECORDED) ? JSON.parse(readFileSync(RECORDED, "utf8")) : {}) as Recorded;
  const changed = Object.entries(made).filter(([stage, { fingerprint, outputs }]) => {
    const before = recorded[stage];
    return (
      fingerprint !== null &&
      before?.fingerprint === fingerprint &&
      JSON.stringify(before.outputs) !== JSON.stringify(outputs)
    );
  });
  expect(changed.map(([stage]) => `the output of ${stage} changed: raise its version`)).toEqual([]);
});

it("has every stage on record", async () => {
  await expect(`${JSON.stringify(made, null, 2)}\n`).toMatchFileSnapshot(RECORDED);
});
