import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/base/event.js";
import type { RunDiff } from "../../src/index.js";
import { type Ended, Project } from "../rig/rig.js";

const project = new Project();
const CLASSIFIER = `name: c
seed: 3
stages:
  load:
    dataset: tiny
    train: { images: data/train-images.idx, labels: data/train-labels.idx }
    test: { images: data/test-images.idx, labels: data/test-labels.idx }
  flatten: {}
  normalize: {}
  build: { family: sequential, layers: [{ dense: { units: 3, activation: softmax } }] }
  train:
    loss: categorical-crossentropy
    epochs: 40
    batchSize: 64
    optimizer: { sgd: { learningRate: 0.5 } }
    schedule: { step: { every: 1, factor: 0.5 } }
    earlyStopping: { metric: loss, patience: 2, minDelta: 0.5 }
  evaluate: {}
`;
let first: Ended;

beforeAll(async () => {
  project.writeTinyExperiment();
  project.write("c.yaml", CLASSIFIER);
  first = await project.pipe("run", "c.yaml");
});
afterAll(() => project.remove());

/** With such a `minDelta` no epoch is better than the first: the third is the last, and the first one's weights stay. */
const STOPPED = "stopped after 3 of 40 epochs, the weights of epoch 1 kept (by loss of test)";

describe("early stopping", () => {
  it("is told while it happens, and under the results, also where they are stored", async () => {
    expect(first.stderr).toContain(`c train: ${STOPPED}\n`);
    expect(first.stdout).toContain(`\nc: ${STOPPED}\n`);
    const again = await project.pipe("run", "c.yaml", "--no-report");
    expect(again.stdout).toMatch(/6 cached\n/);
    expect(again.stdout).toContain(`\nc: ${STOPPED}\n`);
  });

  it("is an event", async () => {
    const { stdout } = await project.pipe("run", "c.yaml", "--json", "--no-report", "--force", "train");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as RunEvent);
    expect(events.find(({ type }) => type === "training-ended")).toMatchObject({
      epoch: 3,
      epochs: 40,
      kept: 1,
      chosenBy: { split: "test", metric: "loss" },
    });
  });

  it("is in show, with the seed and the learning rate of every epoch", async () => {
    const { training, seed } = (await project.show()).variants[0] ?? {};
    expect(seed).toBe(3);
    expect(training).toMatchObject({ epochs: 3, planned: 40, kept: 1, bestEpoch: 3 });
    expect(training?.learningRate).toHaveLength(3);
    expect(training?.stopped).toContain("was best in epoch 1");
    const { stdout } = await project.pipe("show", "latest");
    expect(stdout).toContain("c  done  seed 3");
    expect(stdout).toMatch(
      /\ntraining: stopped after 3 of 40 epochs, .*\(by loss of test\) {2}learning rate 0\.5 → 0\.125\n/,
    );
  });

  it("stands in the report", async () => {
    const { code } = await project.pipe("export", "latest", "--format", "csv", "-o", "tables");
    expect(code).toBe(0);
    const table = project.list("tables").find((name) => name.includes("training"));
    const text = readFileSync(join(project.dir, "tables", table ?? ""), "utf8");
    expect(text).toMatch(/Variant,Epochs,Weights kept,Chosen by,.*\nc,3,epoch 1,loss of test,0\.5,0\.125/);
    expect(project.read(first.stdout.trim().split("\n").at(-1) ?? "")).toContain("stopped early, of 40");
  });
});

describe("diff", () => {
  it("names what differs in the resolved pipelines and the data, not in params alone", async () => {
    const images = join(project.dir, "data/test-images.idx");
    const bytes = readFileSync(images);
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(images, bytes);
    project.write(
      "c.yaml",
      CLASSIFIER.replace("seed: 3", "seed: 4")
        .replace("batchSize: 64", "batchSize: 32")
        .replace("layers: [", "layers: [{ dropout: { rate: 0.5 } }, ")
        // The default, written out, is no difference.
        .replace("evaluate: {}", "evaluate: { splits: [train, test] }"),
    );
    await project.pipe("run", "c.yaml", "--no-report", "--engine", "cpu");
    const { stdout } = await project.pipe("list", "--json", "-n", "2");
    const [b, a] = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { run: string }).run) as [string, string];
    const diff = JSON.parse((await project.pipe("diff", a, b, "--json")).stdout) as RunDiff;
    const { settings, params } = diff.variants[0] ?? { settings: [], params: [] };
    expect(params).toEqual([]);
    const named = settings.map(({ name }) => name).filter((name) => !name.startsWith("versions."));
    expect(named).toEqual([
      "seed",
      "stages.load.test.images",
      // A layer in between is a node, and another source of the one below.
      "stages.build.nodes.model/dense.from[0]",
      "stages.build.nodes.model/dropout",
      "stages.train.batchSize",
      "engine",
    ]);
    const text = (await project.pipe("diff", a, b)).stdout;
    expect(text).toMatch(/ seed +3 +4\n/);
    expect(text).toMatch(/ stages\.load\.test\.images +content [0-9a-f]{12} +content [0-9a-f]{12}\n/);
    expect(text).toMatch(/ stages\.build\.nodes\.model\/dense\.from\[0\] +\S+ +model\/dropout\n/);
    expect(text).toMatch(/ stages\.build\.nodes\.model\/dropout +- +\{"dropout":\{"rate":0\.5\}/);
    expect(text).toMatch(/ stages\.train\.batchSize +64 +32\n/);
    expect((await project.pipe("diff", a, a)).stdout).not.toMatch(/stages\.|seed/);
  });

  it("names another order of the stages", async () => {
    project.write("c.yaml", CLASSIFIER);
    await project.pipe("run", "c.yaml", "--no-report", "--engine", "cpu");
    project.write("c.yaml", `${CLASSIFIER.replace("  normalize: {}\n", "")}  normalize: {}\n`);
    await project.pipe("run", "c.yaml", "--no-report", "--engine", "cpu");
    const { stdout } = await project.pipe("list", "--json", "-n", "2");
    const [b, a] = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { run: string }).run) as [string, string];
    const diff = JSON.parse((await project.pipe("diff", a, b, "--json")).stdout) as RunDiff;
    expect(diff.variants[0]?.settings).toEqual([
      {
        name: "stages",
        a: "load, flatten, normalize, build, train, evaluate",
        b: "load, flatten, build, train, evaluate, normalize",
      },
    ]);
  });
});
