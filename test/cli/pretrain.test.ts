import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fetchArtifact } from "../../src/artifact/io.js";
import { storedValues } from "../../src/artifact/tensor.js";
import type { RunSummary } from "../../src/index.js";
import { openArtifactStore } from "../../src/store/index.js";
import { Project } from "../rig/rig.js";

const project = new Project();
const pipeline = join(import.meta.dirname, "../../pipelines/pretrain.yaml");
afterAll(() => project.remove());

it("the shipped pretraining leaves the classifier on the frozen encoder of the autoencoder", async () => {
  const small = ["--set", "params.epochs=1", "--set", "stages.load.limit={ train: 400, test: 100 }"];
  const ran = await project.pipe("run", pipeline, ...small, "--no-report");
  expect(ran).toMatchObject({ code: 0 });
  const { variants } = JSON.parse((await project.pipe("show", "latest", "--json")).stdout) as RunSummary;
  const stages = variants[0]?.stages ?? [];
  const opened = openArtifactStore(join(project.dir, "runs/cache.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const weights = (stage: string) => {
    const { outputs = [] } = stages.find(({ name }) => name === stage) ?? {};
    const { digest = "" } = outputs.find(({ name }) => name === "weights") ?? {};
    const { tensors } = fetchArtifact(opened.value, "weights", digest);
    return Object.fromEntries(tensors.map(({ name, tensor }) => [name, [...storedValues(tensor)]]));
  };
  const [before, after] = [weights("pretrain"), weights("train")];
  opened.value.close();
  for (const name of ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]) {
    expect(after[`model/${name}`], name).toEqual(before[`encoder/${name}`]);
  }
  expect(new Set(after["model/dense_2/bias"]).size).toBeGreaterThan(1);
  // The last measurement is the variant's; that of the autoencoder stands beside its stage.
  expect(Object.keys(variants[0]?.metrics.test ?? {})).toContain("accuracy");
  expect(stages.find(({ name }) => name === "rebuilt")?.metrics?.test).not.toHaveProperty("accuracy");
});
