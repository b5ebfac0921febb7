import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Project } from "../rig/rig.js";

const folder = join(import.meta.dirname, "../../pipelines");
const project = new Project();
afterAll(() => project.remove());

/** Small enough to be trained in seconds, with what the models are made of all the same. */
const LIMITS = ["params.epochs=1", "stages.load.limit.train=96", "stages.load.limit.test=32"];
const MODELS: Readonly<Record<string, readonly string[]>> = {
  resnet: ["params.filters=2"],
  transformer: ["params.width=8"],
};

describe("a pipeline that ships", () => {
  it.each(readdirSync(folder))("is valid: %s", async (name) => {
    const checked = await project.pipe("validate", join(folder, name), "--json");
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).not.toContain('"warning"');
  });

  it.each(Object.entries(MODELS))("is trained: %s", async (name, params) => {
    const sets = [...LIMITS, ...params].flatMap((set) => ["--set", set]);
    const run = await project.pipe("run", join(folder, `${name}.yaml`), ...sets, "--engine", "cpu");
    expect(run).toMatchObject({ code: 0 });
    const shown = JSON.parse((await project.pipe("show", "latest", "--json")).stdout);
    const { train, test } = shown.variants[0].metrics;
    for (const { loss, accuracy } of [train, test]) {
      expect(loss).toBeLessThan(5);
      expect(accuracy).toBeGreaterThanOrEqual(0);
    }
  });
});
