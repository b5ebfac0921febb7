/** Names that are members of every object in JavaScript, through a whole run. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, Project } from "../rig/rig.js";

const project = new Project();
let run: Ended;

beforeAll(async () => {
  project.writeTinyExperiment();
  project.write(
    "toString.yaml",
    `extends: base.yaml
name: toString
params: { hidden: 3, constructor: 2, __proto__: 4 }
stages:
  load: { classes: [valueOf, valueOf, "</script>❄️"] }
  build: { encoder: [{ dense: { units: "\${params.constructor}" } }, { dense: { units: "\${params.__proto__}" } }] }
  hasOwnProperty: { uses: evaluate, needs: [train], splits: [test] }
  valueOf: { uses: visualize, needs: [hasOwnProperty] }
`,
  );
  project.write("if.yaml", "extends: toString.yaml\nname: if\nparams: { constructor: 5 }\n");
  project.write("compare.yaml", "name: constructor\nvariants: [toString.yaml, if.yaml, narrow.yaml]\nbaseline: if\n");
  run = await project.pipe("run", "compare.yaml", "--engine", "wasm", "--jobs", "1");
});

afterAll(() => project.remove());

describe("names of JavaScript's own", () => {
  it("run, and their report is made", () => {
    expect(run.stderr).not.toContain("error");
    expect(run.code).toBe(0);
  });

  it("are missing where nobody wrote them", async () => {
    const plan = await project.pipe("plan", "compare.yaml", "--set", "params.constructor=6");
    expect(plan.stdout + plan.stderr).not.toContain("native code");
    const page = project.read(`runs/${(await project.show()).run}/report.html`);
    expect(page).not.toContain("[native code]");
  });

  it("are shown, compared and exported like any others", async () => {
    const { variants } = await project.show();
    expect(variants.map(({ name }) => name)).toEqual(["toString", "if", "narrow"]);
    expect(Object.keys(variants[0]?.params ?? {})).toEqual(expect.arrayContaining(["constructor", "__proto__"]));
    const second = await project.pipe("run", "narrow.yaml", "--set", "params.hidden=2", "--no-report");
    expect(second.code).toBe(0);
    for (const command of [
      ["diff", "latest", "latest"],
      ["graph", "toString.yaml"],
      ["list"],
      ["export", "latest", "--format", "md"],
    ]) {
      const { code, stderr } = await project.pipe(...command);
      expect([command, code, stderr.includes("internal-error")]).toEqual([command, 0, false]);
    }
  });
});
