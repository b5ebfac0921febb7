import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Project } from "../rig/rig.js";

const folder = join(import.meta.dirname, "../../pipelines");
const project = new Project();
afterAll(() => project.remove());

/** Small enough to be trained in seconds, with what the models are made of all the same. */
const LIMITS = ["params.epochs=1", "stages.load.limit.train=96", "stages.load.limit.test=32"];
const MODELS: Readonly<Record<string, { readonly sets: readonly string[]; readonly chance: number }>> = {
  resnet: { sets: ["params.filters=2"], chance: Math.log(10) },
  transformer: { sets: ["params.width=8"], chance: Math.log(10) },
  conditional: { sets: ["params.hidden=8"], chance: 784 * Math.log(2) },
  // The mean square of the digits, for a model that says 0.
  regression: { sets: ["params.hidden=16"], chance: 28.5 },
};

describe("a pipeline that ships", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".yaml")))("is valid: %s", async (name) => {
    const checked = await project.pipe("validate", join(folder, name), "--json");
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).not.toContain('"warning"');
  });

  it.each(Object.entries(MODELS))("is trained: %s", async (name, { sets: own, chance }) => {
    const sets = [...LIMITS, ...own].flatMap((set) => ["--set", set]);
    const run = await project.pipe("run", join(folder, `${name}.yaml`), ...sets, "--engine", "cpu");
    expect(run).toMatchObject({ code: 0 });
    const shown = JSON.parse((await project.pipe("show", "latest", "--json")).stdout);
    const { train, test } = shown.variants[0].metrics;
    // What guessing costs: a few steps come to about that, or below.
    for (const { loss } of [train, test]) {
      expect(loss).toBeGreaterThan(0);
      expect(loss).toBeLessThan(1.5 * chance);
    }
  });
});
