import { existsSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlanSummary } from "../../src/index.js";
import { Project } from "../rig/rig.js";

const project = new Project();
beforeAll(async () => {
  project.writeTinyExperiment();
});
afterAll(() => project.remove());

async function json(...args: string[]): Promise<unknown> {
  const { stdout } = await project.pipe(...args, "--json");
  expect(stdout.endsWith("\n")).toBe(true);
  return JSON.parse(stdout);
}

describe("before any run", () => {
  it("plan says that everything runs, and leaves no trace", async () => {
    const { code, stdout } = await project.pipe("plan", "compare.yaml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/narrow\n.*\n +load +run +never ran/);
    expect(stdout).toContain("same as in narrow");
    expect(stdout).toContain("11 stages: 0 cached, 1 to run, 10 open");
    expect(existsSync(`${project.dir}/runs`)).toBe(false);
  });

  it("plan says that what is forced runs", async () => {
    const { stdout } = await project.pipe("plan", "compare.yaml", "--force");
    expect(stdout).toContain("11 stages: 0 cached, 11 to run, 0 open");
  });

  it("a runs directory that is a file is told", async () => {
    for (const command of [["plan", "compare.yaml"], ["list"], ["cache", "stats"]]) {
      const { code, stderr } = await project.pipe(...command, "--runs", "compare.yaml");
      expect(code).toBe(2);
      expect(stderr).toContain("error[runs-dir-unusable]: compare.yaml is not a directory");
    }
    expect((await project.pipe("run", "compare.yaml", "--runs", "")).stderr).toContain("Name a directory");
  });

  it("list and cache have nothing to show", async () => {
    expect(await project.pipe("list")).toEqual({ code: 0, stdout: "", stderr: "no runs yet\n" });
    expect(await project.pipe("cache", "stats")).toEqual({ code: 0, stdout: "", stderr: "there is no cache yet\n" });
  });

  it("validate tells what is right and what is wrong", async () => {
    expect(await json("validate", "compare.yaml")).toMatchObject({ valid: true, experiment: "width", diagnostics: [] });
    project.write("bad.yaml", "extends: base.yaml\nname: bad\nstages: { train: { epochs: many } }\n");
    const { code } = await project.pipe("validate", "bad.yaml");
    expect(code).toBe(2);
    expect(await json("validate", "bad.yaml")).toMatchObject({
      valid: false,
      diagnostics: [{ code: "wrong-type", at: { file: "bad.yaml", line: 3 } }, { code: "unused-param" }],
    });
  });
});

describe("help", () => {
  it("lists every command, and each has its own", async () => {
    const { code, stdout } = await project.pipe("--help");
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((match) => match[1] as string);
    expect(commands).toEqual(
      "run plan validate list show diff report export graph cache doctor engine init schema".split(" "),
    );
    const helps = await Promise.all(commands.slice(0, 4).map((name) => project.pipe(name, "--help")));
    for (const help of helps) expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: pipe /) });
    expect((await project.pipe("help", "run")).stdout).toContain("--jobs <n>");
  });

  it("tells the version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect((await project.pipe("--version")).stdout).toBe(`${version}\n`);
  });
});

describe("doctor", () => {
  it("tries every engine and says why one does not work", async () => {
    const health = await json("doctor");
    expect(health).toMatchObject({
      healthy: true,
      versions: { node: process.version, sqlite: expect.stringMatching(/^3\.\d/) },
      store: { diagnostics: [] },
    });
    const { engines } = health as { engines: { name: string; works: boolean; why?: string }[] };
    expect(engines.map(({ name, works }) => [name, works])).toEqual([
      ["onnx", true],
      ["tensorflow", false],
      ["wasm", true],
      ["cpu", true],
    ]);
    expect(engines[1]?.why).toContain("pipe engine install tensorflow");
  });
});

describe("init", () => {
  it("writes an experiment that is valid, and overwrites nothing", async () => {
    const { code, stdout, stderr } = await project.pipe("init", "first");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "first/.gitignore",
      "first/schemas/pipeline.schema.json",
      "first/schemas/comparison.schema.json",
      "first/classifier.yaml",
      "first/compare.yaml",
    ]);
    expect(project.read("first/.gitignore")).toContain("\nruns/\n");
    expect(stderr).toBe("next: pipe run first/compare.yaml\n");
    expect(await project.pipe("validate", "first/compare.yaml")).toMatchObject({ code: 0 });
    expect(await project.pipe("init", "first")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("exists already"),
    });
  });
});

describe("the first line of a file that init writes", () => {
  const schemaOf = (file: string) => /^# yaml-language-server: \$schema=(.*)$/m.exec(project.read(file))?.[1] as string;

  it("names the schema of an installed package, else a copy", async () => {
    await project.pipe("init", "copied");
    for (const name of ["pipeline", "comparison"]) {
      project.write(`web/node_modules/pipe-experiments/schemas/${name}.schema.json`, "{}");
    }
    await project.pipe("init", "web/pipelines/deep");
    for (const [file, name] of [
      ["classifier.yaml", "pipeline"],
      ["compare.yaml", "comparison"],
    ]) {
      const copy = `copied/${schemaOf(`copied/${file}`)}`;
      expect(project.read(copy)).toBe((await project.pipe("schema", name as string)).stdout);
      const installed = schemaOf(`web/pipelines/deep/${file}`);
      expect(installed).toBe(`../../node_modules/pipe-experiments/schemas/${name}.schema.json`);
    }
    expect(project.list("web/pipelines")).not.toContain("pipeline.schema.json");
  });

  it("does not touch a .gitignore that is there", async () => {
    project.write("mine/.gitignore", "*.tmp\n");
    expect((await project.pipe("init", "mine")).code).toBe(0);
    expect(project.read("mine/.gitignore")).toBe("*.tmp\n");
  });
});

describe("schema", () => {
  it("prints a schema by its name", async () => {
    const { stdout } = await project.pipe("schema", "stages/train");
    expect(JSON.parse(stdout)).toMatchObject({ title: expect.any(String), properties: { epochs: {} } });
    expect((await project.pipe("schema")).stdout).toContain("pipeline\n");
    expect(await project.pipe("schema", "stages/trian")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("stages/train"),
    });
  });
});

/** A stage that takes two sets of data. */
const JOIN = `import { defineStage } from "pipe-experiments";
export default defineStage({
  inputs: { a: "dataset", b: "dataset" },
  outputs: { dataset: "dataset" },
  run: (_, { a }) => ({ dataset: a }),
});
`;

describe("graph", () => {
  it("prints what variants share once, in two languages", async () => {
    const mermaid = (await project.pipe("graph", "compare.yaml")).stdout;
    expect(mermaid).toMatch(/^graph LR\n/);
    expect(mermaid.match(/\["load"\]/g)).toHaveLength(1);
    expect(mermaid).toContain('["train<br>wide"]');
    const dot = (await project.pipe("graph", "compare.yaml", "--format", "dot")).stdout;
    expect(dot).toMatch(/^digraph pipeline \{\n/);
    expect(dot.match(/->/g)?.length).toBe(mermaid.match(/-->/g)?.length);
  });

  it("tells what an arrow brings, and by which name it is taken where that is another", async () => {
    project.write("join.js", JOIN);
    const other = "{ uses: ./join.js, needs: [evaluate], inputs: { a: flatten, b: normalize } }";
    project.write("joined.yaml", `extends: narrow.yaml\nname: joined\nstages: { other: ${other} }\n`);
    const { code, stdout, stderr } = await project.pipe("graph", "joined.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const names = new Map([...stdout.matchAll(/(n\w+)\["(\w+)/g)].map(([, id = "", name = ""]) => [id, name]));
    const arrows = [...stdout.matchAll(/(n\w+) -->(\|.*\|)? (n\w+)/g)].map(
      ([, from = "", label = "", to = ""]) => `${names.get(from)}${label}${names.get(to)}`,
    );
    expect(arrows).toContain('load|"dataset"|flatten');
    expect(arrows).toContain('train|"weights"|evaluate');
    expect(arrows.filter((arrow) => arrow.endsWith("other")).sort()).toEqual([
      "evaluateother",
      'flatten|"dataset as a"|other',
      'normalize|"dataset as b"|other',
    ]);
  });
});

describe("after runs", () => {
  beforeAll(async () => {
    await project.pipe("run", "compare.yaml");
    await project.pipe("run", "compare.yaml", "--set", "params.epochs=3");
  });

  it("plan tells what is cached, and what a change would do", async () => {
    const same = (await json("plan", "compare.yaml")) as PlanSummary;
    expect(same.variants.flatMap(({ stages }) => stages).every(({ state }) => state === "cached")).toBe(true);
    const other = (await json("plan", "narrow.yaml", "--set", "params.epochs=5")) as PlanSummary;
    const states = other.variants[0]?.stages.map(({ name, state, reason }) => `${name} ${state} ${reason}`);
    expect(states?.slice(3)).toEqual([
      "build cached unchanged",
      "train run params.epochs: 3 → 5",
      "evaluate after-inputs weights from train may change",
      expect.stringMatching(/^visualize after-inputs .* may change$/),
    ]);
  });

  it("list has the newest first", async () => {
    const { stdout } = await project.pipe("list", "--json");
    const runs = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { run: string; startedAt: string });
    expect(runs).toHaveLength(2);
    expect((runs[0]?.startedAt ?? "") > (runs[1]?.startedAt ?? "")).toBe(true);
    expect((await project.pipe("list", "-n", "1")).stdout.trim().split("\n")).toHaveLength(2);
  });

  it("show takes a beginning of the id, if only one run has it", async () => {
    const { run } = await project.show();
    expect((await project.pipe("show", run.slice(0, -1))).stdout).toContain(`${run}  width  done`);
    expect((await project.pipe("show", run.slice(0, 8))).stderr).toContain("is the beginning of several runs");
  });

  it("diff shows the params that differ, and every metric", async () => {
    const { stdout } = await project.pipe("list", "--json");
    const [b, a] = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { run: string }).run);
    expect(await json("diff", a as string, b as string)).toMatchObject({
      a,
      b,
      variants: [{ name: "narrow", in: "both", params: [{ name: "epochs", a: 2, b: 3 }] }, { name: "wide" }],
    });
    expect((await project.pipe("diff", a as string, b as string)).stdout).toMatch(/params\.epochs +2 +3/);
  });

  it("report writes the same bytes again, and others with times", async () => {
    const { report, run } = await project.show();
    const before = project.read(report as string);
    rmSync(`${project.dir}/${report}`);
    expect((await project.pipe("report", "latest")).stdout).toBe(`${report}\n`);
    expect(project.read(report as string)).toBe(before);
    const timed = (await project.pipe("report", "latest", "--timings")).stdout.trim();
    expect(timed).toBe(`runs/${run}/report-timings.html`);
    expect(project.read(timed)).not.toBe(before);
  });

  it("report shows variants of several runs side by side, told apart by their run", async () => {
    const { stdout } = await project.pipe("list", "--json");
    const ids = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { run: string }).run);
    const { code } = await project.pipe("report", ...ids, "-o", "both.html");
    expect(code).toBe(0);
    for (const id of ids) expect(project.read("both.html")).toContain(`narrow (${id})`);
    const [first, second] = ids as [string, string];
    const alone = project.read(`runs/${first}/report.html`);
    const { stdout: path } = await project.pipe("report", first, second, first);
    expect(path).toBe(`runs/${first}/report-with-${second}.html\n`);
    expect(project.read(path.trim())).toBe(project.read("both.html"));
    expect(project.read(`runs/${first}/report.html`)).toBe(alone);
  });

  it("cache tells how much there is, that it is whole, and sweeps", async () => {
    expect(await json("cache", "stats")).toMatchObject({ runs: 2, results: expect.any(Number) });
    expect(await project.pipe("cache", "verify")).toMatchObject({
      code: 0,
      stdout: "everything is as it was stored\n",
    });
    expect(await json("cache", "gc")).toMatchObject({ blobs: 0, bytes: 0 });
  });

  it("no page or record tells where the project lies or who ran it", async () => {
    const { report } = await project.show();
    expect(project.read(report as string)).not.toContain(project.dir);
  });
});
