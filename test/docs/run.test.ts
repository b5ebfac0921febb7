import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/store/index.js";
import { Project } from "../rig/rig.js";
import { sql } from "../store/rig.js";
import { ofLanguage, root } from "./blocks.js";
import { type Call, callsIn } from "./commands.js";

/**
 * Runs what pages tell people to run, in a project with tiny data under the names that pages use: `pipelines/compare.yaml`
 * and `compare.yaml` of `vae-64` and `vae-16`, and the classifier `digits.yaml` with its wider form `digits-wide.yaml`.
 */
const project = new Project();
const tsc = join(root, "node_modules/typescript/bin/tsc");
afterAll(() => project.remove());

const TINY = (["train", "test"] as const)
  .map((split) => `${split}: { images: data/${split}-images.idx, labels: data/${split}-labels.idx }`)
  .join(", ");

const DIGITS = `name: digits
stages:
  load: { dataset: tiny, ${TINY} }
  flatten: {}
  normalize: {}
  build: { family: sequential, layers: [dense: { units: 4 }, dense: { units: 3, activation: softmax }] }
  train: { loss: categorical-crossentropy, epochs: 1 }
  evaluate: {}
  visualize: {}
`;

/** The shipped example on the tiny data. */
function tinyOwnCode(): string {
  return readFileSync(join(root, "pipelines/own-code.yaml"), "utf8")
    .replace("load: { dataset: mnist }", `load: { dataset: tiny, ${TINY.replaceAll(" data/", " ../data/")} }`)
    .replace("epochs: 5", "epochs: 1")
    .replace("units: 10", "units: 3");
}

/** The one that `latest` and ids in pages mean: of `vae-64` and `vae-16`. */
let run: string;

beforeAll(async () => {
  project.writeTinyExperiment();
  for (const [name, hidden] of [
    ["vae-64", 6],
    ["vae-16", 3],
  ]) {
    project.write(`${name}.yaml`, `extends: base.yaml\nname: ${name}\nparams: { hidden: ${hidden} }\n`);
  }
  project.write("compare.yaml", "variants: [vae-64.yaml, vae-16.yaml]\n");
  project.write("pipelines/compare.yaml", "variants: [../vae-64.yaml, ../vae-16.yaml]\n");
  project.write("digits.yaml", DIGITS);
  cpSync(join(root, "pipelines/own"), join(project.dir, "pipelines/own"), { recursive: true });
  project.write("pipelines/own-code.yaml", tinyOwnCode());
  project.write("digits-wide.yaml", "extends: digits.yaml\nname: digits-wide\nstages: { train: { epochs: 2 } }\n");
  // As npm would have installed it.
  project.write("package.json", '{ "type": "module" }');
  mkdirSync(join(project.dir, "node_modules"));
  for (const name of ["@types", "onnxruntime-node", "onnxruntime-common"]) {
    symlinkSync(join(root, "node_modules", name), join(project.dir, "node_modules", name), "junction");
  }
  symlinkSync(root, join(project.dir, "node_modules/pipe-experiments"), "junction");
  await project.pipe("run", "compare.yaml");
  run = (await project.show()).run;
}, 60_000);

function node(cwd: string, ...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, CI: "1" } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

const calls = ofLanguage("sh").flatMap(callsIn);
const label = ({ at, args }: Call) => `${at}: pipe ${args.join(" ")}`;

/** What is read and not run: it is no command, or it fetches 200 MB (test/cli/engine.test.ts installs with tools of its own). */
const isOnlyRead = ({ isSynopsis, args }: Call) => isSynopsis || args.slice(0, 2).join(" ") === "engine install";

describe("the command", () => {
  it.each(calls.filter((call) => !isOnlyRead(call)).map((call) => [label(call), call] as const))(
    "%s runs",
    async (_, { args }) => {
      // What makes files of its own begins in an empty folder.
      const place = args[0] === "init" ? new Project() : project;
      const { code, stderr } = await place.pipe(...args);
      expect(code, stderr).toBe(0);
      if (place !== project) place.remove();
    },
    60_000,
  );

  it.each(calls.filter(isOnlyRead).map((call) => [label(call), call] as const))(
    "%s names options that there are",
    async (_, { args }) => {
      const help = (await project.pipe(...args.filter((arg) => /^[a-z]+$/.test(arg)).slice(0, 1), "--help")).stdout;
      const options = args.join(" ").match(/--[a-z-]+/g) ?? [];
      expect(options.filter((option) => !help.includes(option))).toEqual([]);
    },
  );
});

describe("SQL", () => {
  it.each(ofLanguage("sql").map((block) => [block.at, block] as const))("%s finds rows", (_, { text }) => {
    const opened = openStore(join(project.dir, "runs"));
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const db = sql(opened.value);
    expect(db.prepare(text).all().length).toBeGreaterThan(0);
    db.close();
    opened.value.close();
  });
});

const TSCONFIG = {
  compilerOptions: {
    target: "ES2023",
    module: "NodeNext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    outDir: "built",
    rootDir: "programs",
  },
  include: ["programs"],
};
// A stage of the program itself: one of a project's own has no kind.
const isStage = (text: string) => text.includes("defineStage") && text.includes('kind: "');
const programs = ofLanguage("ts").filter(({ text }) => !isStage(text));
const fileOf = (at: string) => at.replace(/\W+/g, "-");

describe("a program", () => {
  beforeAll(async () => {
    for (const { at, text } of programs) {
      project.write(`programs/${fileOf(at)}.ts`, text.replace(/\d{8}-\d{6}-[0-9a-f]{4}/g, run));
    }
    // What docs/own-stages.md imports.
    project.write("programs/threshold.ts", readFileSync(join(root, "pipelines/own/threshold.ts"), "utf8"));
    project.write("tsconfig.json", JSON.stringify(TSCONFIG));
    expect((await project.pipe("export", run, "--format", "onnx")).code).toBe(0);
  }, 60_000);

  it("passes the type checker: ts blocks", async () => {
    expect(await node(project.dir, tsc, "-p", ".")).toEqual({ code: 0, output: "" });
  }, 60_000);

  it.each(programs.map(({ at }) => at))(
    "%s runs",
    async (at) => {
      const { code, output } = await node(project.dir, `built/${fileOf(at)}.js`);
      expect(code, output).toBe(0);
    },
    60_000,
  );

  it("of docs/cli.md ends well when a stage fails", async () => {
    const at = programs.find(({ page, text }) => page === "docs/cli.md" && text.includes("run("))?.at as string;
    project.write(
      "compare.yaml",
      "variants: [{ extends: vae-64.yaml, name: broken, params: { learningRate: 1.0e+30 } }]\n",
    );
    const { code, output } = await node(project.dir, `built/${fileOf(at)}.js`);
    expect(output).toContain("broken failed undefined");
    expect(code).toBe(0);
  }, 60_000);
});

describe("a stage of one's own", () => {
  it("works as docs/stages.md has it", async () => {
    const copy = mkdtempSync(join(tmpdir(), "pipe-stage-"));
    for (const name of ["bin", "src", "stages", "schemas", "scripts", "docs", "package.json", "tsconfig.json"]) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
    const code = ofLanguage("ts").find(({ text }) => isStage(text));
    const schema = ofLanguage("json").find(({ page, text }) => page === code?.page && text.includes('"x-pipe"'));
    const kind = /kind: "(\w+)"/.exec(code?.text ?? "")?.[1];
    writeFileSync(join(copy, `stages/${kind}.ts`), code?.text ?? "");
    writeFileSync(join(copy, `schemas/stages/${kind}.schema.json`), schema?.text ?? "");
    for (const args of [["scripts/generate.js"], [tsc, "-p", "tsconfig.json"], [tsc, "-p", "src/report/page"]]) {
      expect(await node(copy, ...args)).toEqual({ code: 0, output: "" });
    }
    project.write("own.yaml", DIGITS.replace("  flatten: {}", `  ${kind}: {}\n  flatten: {}`));
    const { code: exit, stderr } = await project.pipeWith(
      { bin: join(copy, "bin/pipe.js") },
      "run",
      "own.yaml",
      "--no-report",
    );
    expect(exit, stderr).toBe(0);
    rmSync(copy, { recursive: true, force: true });
  }, 120_000);
});
