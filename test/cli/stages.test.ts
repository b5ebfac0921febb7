import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDiff, RunSummary } from "../../src/index.js";
import { Project } from "../rig/rig.js";

const project = new Project();
const DATA = `
  load:
    dataset: tiny
    train: { images: data/train-images.idx, labels: data/train-labels.idx }
    test: { images: data/test-images.idx, labels: data/test-labels.idx }
  flatten: {}
  normalize: {}
  build: { family: sequential, layers: [{ dense: { units: 4, activation: relu } }, { dense: { units: 3, activation: softmax } }] }`;
const TRAIN = "loss: categorical-crossentropy, epochs: 1, batchSize: 64, optimizer: { sgd: { learningRate: 0.1 } }";
const TWICE = `name: twice
stages:${DATA}
  pretrain: { uses: train, ${TRAIN} }
  first: { uses: evaluate }
  finetune: { uses: train, ${TRAIN} }
  second: { uses: evaluate }
`;

async function summaryOf(run: string): Promise<RunSummary> {
  return JSON.parse((await project.pipe("show", run, "--json")).stdout) as RunSummary;
}

/** Split → metric → value that a stage of the only variant measured. */
function metricsOf({ variants }: RunSummary, stage: string) {
  return variants[0]?.stages.find(({ name }) => name === stage)?.metrics;
}

let twice: RunSummary;

beforeAll(async () => {
  project.writeTinyExperiment();
  project.write("twice.yaml", TWICE);
  const { code, stderr } = await project.pipe("run", "twice.yaml", "--no-report");
  if (code !== 0) throw new Error(stderr);
  twice = await summaryOf("latest");
});
afterAll(() => project.remove());

describe("two stages of one kind", () => {
  it("both count in what `show` tells, the last for the variant", async () => {
    const [variant] = twice.variants;
    expect(variant?.metrics).toEqual(metricsOf(twice, "second"));
    expect(metricsOf(twice, "first")?.test?.loss).not.toBe(metricsOf(twice, "second")?.test?.loss);
    const trained = variant?.stages.filter(({ training }) => training !== undefined).map(({ name }) => name);
    expect(trained).toEqual(["pretrain", "finetune"]);
    expect(variant?.stages.find(({ name }) => name === "finetune")?.inputs).toMatchObject({
      weights: { stage: "pretrain", port: "weights" },
    });
    const { stdout } = await project.pipe("show", "latest");
    expect(stdout).toMatch(/^twice · first .*\ntwice · second /m);
    expect(stdout).toMatch(/^twice · pretrain: 1 epoch .*\ntwice · finetune: 1 epoch /m);
  });

  it("both count in the cache and in `diff`, and only what follows a change runs again", async () => {
    const { stdout } = await project.pipe("plan", "twice.yaml", "--set", "stages.finetune.epochs=2", "--json");
    const [{ stages }] = JSON.parse(stdout).variants as [{ stages: { name: string; state: string }[] }];
    const open = stages.filter(({ state }) => state !== "cached").map(({ name }) => name);
    expect(open).toEqual(["finetune", "second"]);
    await project.pipe("run", "twice.yaml", "--no-report", "--set", "stages.finetune.epochs=2");
    const compared = await project.pipe("diff", twice.run, "latest", "--json");
    const { metrics = [] } = (JSON.parse(compared.stdout) as RunDiff).variants[0] ?? {};
    const loss = metrics.filter(({ split, name }) => split === "test" && name === "loss");
    expect(loss.map(({ stage, delta }) => [stage, delta === 0])).toEqual([
      ["first", true],
      ["second", false],
    ]);
  });
});

describe("weights from outside", () => {
  const from = (source: string, then = "") =>
    `name: from\nstages:${DATA}\n  weights: { ${source} }\n${then}  evaluate: {}\n`;
  const evaluated = async () => metricsOf(await summaryOf("latest"), "evaluate")?.test?.loss as number;

  it("are those of a stage of another run, by their digest", async () => {
    project.write("from.yaml", from(`run: ${twice.run}, stage: pretrain`));
    expect(await project.pipe("run", "from.yaml", "--no-report")).toMatchObject({ code: 0 });
    expect(await evaluated()).toBe(metricsOf(twice, "first")?.test?.loss);
    // The same weights by another address.
    project.write("from.yaml", from("run: latest, variant: twice, stage: pretrain"));
    expect((await project.pipe("plan", "from.yaml")).stdout).toMatch(/0 to run/);
    project.write("from.yaml", from("run: latest, variant: twice"));
    expect((await project.pipe("plan", "from.yaml")).stdout).toMatch(/weights +run/);
  });

  it.each([
    ["run: nobody", "there is no run `nobody`"],
    ["run: latest, variant: twise", "no run has trained a variant `twise`"],
    ["run: latest, variant: twice, stage: pretrian", "Did you mean pretrain?"],
  ])("are missed where `%s` finds none, at that place", async (source, said) => {
    project.write("wrong.yaml", from(source));
    for (const command of ["plan", "run"]) {
      const { code, stderr } = await project.pipe(command, "wrong.yaml");
      expect(code).toBe(2);
      expect(stderr).toContain(said);
      expect(stderr).toMatch(/^wrong\.yaml:\d+:\d+ error/m);
    }
  });

  it("are those that were exported", async () => {
    await project.pipe("export", twice.run, "--format", "tfjs", "-o", "out");
    const files = "file: out/twice/model/weights.bin, manifest: out/twice/model/model.json";
    project.write("from.yaml", from(`${files}, loss: categorical-crossentropy`));
    expect(await project.pipe("run", "from.yaml", "--no-report")).toMatchObject({ code: 0 });
    expect(await evaluated()).toBe(metricsOf(twice, "second")?.test?.loss);
  });
});
