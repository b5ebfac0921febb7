import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bin, Project } from "../rig/rig.js";

const project = new Project();
beforeAll(() => project.writeTinyExperiment());
afterAll(() => project.remove());

/** util-linux's `script` runs a command in a terminal of its own; others take other arguments. */
const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") === true;

function inTerminal(command: string): string {
  const { CI: _, NO_COLOR: __, ...env } = process.env;
  const args = ["-qec", `stty cols 100 rows 40; ${command}`, "/dev/null"];
  const text = execFileSync("script", args, { cwd: project.dir, env: { ...env, TERM: "xterm" }, encoding: "utf8" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is taken out
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

describe.skipIf(!hasScript)("in a terminal", () => {
  it("variants leave a line on standard error, results go where standard output goes", () => {
    const text = inTerminal(`"${process.execPath}" "${bin}" run compare.yaml --until train --no-report > out.txt`);
    expect(text).toMatch(/✔ narrow {2}load \d+ ms, flatten \d+ ms, normalize .*, train \d/);
    expect(text).toMatch(/✔ wide {2}load \d+ ms, flatten \d+ ms, .*, train \d/);
    expect(project.read("out.txt")).toMatch(/^variant +time +stages\nnarrow .* 5 ran\nwide .* 5 ran\n$/);
  });

  it("what did not run has no tick", () => {
    project.write("wild.yaml", "extends: base.yaml\nname: wild\nparams: { learningRate: 1.0e+30 }\n");
    const text = inTerminal(`"${process.execPath}" "${bin}" run wild.yaml --no-report || true`);
    expect(text).toMatch(/✖ wild {2}train failed after \d/);
    expect(text).not.toContain("✔");
  });

  it("a run that finds everything stored draws nothing", () => {
    const text = inTerminal(`"${process.execPath}" "${bin}" run compare.yaml --until train --no-report`);
    expect(text).toMatch(/^variant +time +stages\nnarrow .* 5 cached\nwide .* 5 cached\n$/);
  });
});
