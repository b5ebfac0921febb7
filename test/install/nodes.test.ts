/**
 * The tarball, installed into an empty folder as a person would do it, on every line of Node that is supported. Programs of Node come as
 * npm packages, so this asks the registry for some 150 MB: only in CI, or with `CI=true npx vitest run test/install`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "../rig/rig.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const asked = (process.env.CI ?? "") !== "" && process.platform !== "win32";
if (!asked) console.log("not in CI: the tarball is not tried on other versions of Node");

const LINES = [20, 22, 24, 26];
const QUICK = ["--fetch-retries=1", "--fetch-timeout=60000", "--silent"];

const dir = mkdtempSync(join(tmpdir(), "pipe-install-"));
const project = new Project();
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
  project.remove();
});

/** A package of the registry, unpacked; undefined where it cannot be had. */
function fetched(spec: string, as: string): string | undefined {
  const to = join(dir, as);
  mkdirSync(to);
  const packed = spawnSync("npm", ["pack", spec, ...QUICK], { cwd: to, encoding: "utf8" });
  if (packed.status !== 0) {
    console.log(`${spec} cannot be had here: left out`);
    return undefined;
  }
  execFileSync("tar", ["xf", packed.stdout.trim().split("\n").at(-1) as string], { cwd: to });
  return join(to, "package");
}

/** The program of a line of Node: this one's own, or one from the registry. */
function nodeOf(line: number): string | undefined {
  if (process.version.startsWith(`v${line}.`)) return process.execPath;
  const folder = fetched(`node-${process.platform}-${process.arch}@${line}`, `node-${line}`);
  return folder === undefined ? undefined : join(folder, "bin/node");
}

/** Packs a copy of the checkout: packing builds, and other tests are using dist/. */
function pack(): string {
  const copy = join(dir, "checkout");
  mkdirSync(copy);
  const left = [".git", "node_modules", "dist", "runs"];
  for (const name of readdirSync(root).filter((name) => !left.includes(name))) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  const env = { ...process.env, PIPE_PLATFORMS: `${process.platform}/${process.arch}` };
  execFileSync("npm", ["pack", "--silent"], { cwd: copy, env, stdio: ["ignore", "pipe", "pipe"] });
  const name = readdirSync(copy).find((file) => file.endsWith(".tgz")) as string;
  expect(existsSync(join(copy, "dist/node_modules"))).toBe(false);
  return join(copy, name);
}

describe.skipIf(!asked)("the tarball in an empty folder", () => {
  const home = join(dir, "home");
  const installed = join(home, "node_modules/pipe-experiments");
  const nodes = new Map<number, string>();
  let said = "";
  /** What the checkout itself makes of the experiments. */
  let here: string[];
  let own: string[];

  beforeAll(async () => {
    for (const line of LINES) {
      const node = nodeOf(line);
      if (node !== undefined) nodes.set(line, node);
    }
    // npm 12 runs no script unasked; older ones would compile, for Node 20, what this checkout has already.
    const newest = [...nodes].filter(([line]) => line >= 22).at(-1)?.[1] ?? process.execPath;
    const npm12 = nodes.size > 1 ? fetched("npm@12", "npm-12") : undefined;
    const npm = npm12 === undefined ? ["npm", "--ignore-scripts"] : [newest, join(npm12, "bin/npm-cli.js")];
    mkdirSync(home);
    const env = { ...process.env, PATH: `${dirname(newest)}:${process.env.PATH}` };
    const [program = "", ...first] = npm;
    const install = spawnSync(program, [...first, "install", pack()], { cwd: home, env, encoding: "utf8" });
    said = install.stdout + install.stderr;
    expect(install.status, said).toBe(0);
    project.writeTinyExperiment();
    const { code, stderr } = await project.pipe("run", "compare.yaml", "--no-report");
    expect(code, stderr).toBe(0);
    here = weightsOf(JSON.stringify(await project.show()));
    const ran = await project.pipeWith({ env: codeIn("here") }, ...ownCode(root));
    expect(ran.code, ran.stderr).toBe(0);
    own = weightsOf(JSON.stringify(await project.show()));
  }, 400_000);

  /** The shipped example with code of its own, small; what is bundled of it goes into a folder for each Node. */
  const ownCode = (folder: string) => {
    const few = ["--set", "params.epochs=1", "--set", "stages.load.limit={ train: 200, test: 100 }"];
    return ["run", join(folder, "pipelines/own-code.yaml"), ...few];
  };
  const codeIn = (name: string) => ({ PIPE_CODE: join(dir, `code-${name}`) });

  it("needs no setting of npm, no script but SQLite's for Node 20, and gets no file for GPUs", () => {
    const warnings = said.split("\n").filter((line) => /warn/i.test(line));
    // Of the machine's own settings npm may think what it likes.
    const ours = warnings.filter((line) => !/Unknown (user|env|global|builtin) config/.test(line));
    for (const line of ours) expect(line).toMatch(/install-scripts( {3}better-sqlite3@12\.| 1 package |$| Run `npm)/);
    expect(existsSync(join(home, "node_modules/better-sqlite3-node20/build"))).toBe(false);
    const runtime = join(installed, "dist/node_modules/onnxruntime-node");
    expect(Object.keys(JSON.parse(readFileSync(join(runtime, "package.json"), "utf8")))).not.toContain("scripts");
    expect(existsSync(join(runtime, "LICENSE"))).toBe(true);
    expect(readdirSync(join(runtime, "bin"), { recursive: true })).toHaveLength(5);
    expect(readdirSync(join(home, "node_modules"))).not.toContain("onnxruntime-node");
  });

  it.for(LINES)("trains on Node %i, to the same bits", (line, { skip }) => {
    const node = nodes.get(line);
    if (node === undefined) return skip("its program cannot be had here");
    if (line < 22 && !useBuiltDriver()) return skip("SQLite is not built for it here");
    const pipe = (...args: string[]) => {
      const env = { ...process.env, CI: "true", ...codeIn(String(line)) };
      const command = [join(installed, "bin/pipe.js"), ...args, "--runs", `runs-${line}`];
      return spawnSync(node, command, { cwd: project.dir, env, encoding: "utf8" });
    };
    const first = pipe("run", "compare.yaml");
    expect(first.stderr).toMatch(/engine onnx(.|\n)* 0 cached, 0 failed/);
    expect(first.status, first.stderr).toBe(0);
    expect(pipe("run", "compare.yaml").stderr).toMatch(/done in .*: 0 ran/);
    const weights = weightsOf(pipe("show", "latest", "--json").stdout);
    expect(weights).toHaveLength(2);
    expect(weights).toEqual(here);
    expect(pipe("plan", join(installed, "pipelines/compare.yaml")).status).toBe(0);
    const ran = pipe(...ownCode(installed));
    expect(ran.status, ran.stderr).toBe(0);
    expect(weightsOf(pipe("show", "latest", "--json").stdout)).toEqual(own);
  });

  it("brings the digests of its code, and what own code is bundled with", () => {
    const revisions = JSON.parse(readFileSync(join(installed, "dist/revisions.json"), "utf8")) as object;
    expect(revisions).toEqual(JSON.parse(readFileSync(join(root, "dist/revisions.json"), "utf8")));
    expect(existsSync(join(home, "node_modules/rolldown"))).toBe(true);
  });

  /** SQLite's library for Node 20, as its script has built it in this checkout: only there, where that Node made it. */
  function useBuiltDriver(): boolean {
    const built = join(root, "node_modules/better-sqlite3-node20");
    if (!process.version.startsWith("v20.") || !existsSync(join(built, "build"))) return false;
    const to = join(home, "node_modules/better-sqlite3-node20");
    rmSync(to, { recursive: true, force: true });
    cpSync(built, to, { recursive: true });
    return true;
  }
});

/** Digests of all that the trainings made that is bits of the model. */
function weightsOf(summary: string): string[] {
  const { variants } = JSON.parse(summary) as {
    variants: { stages: { kind: string; outputs: { name: string; digest: string }[] }[] }[];
  };
  const outputs = variants.flatMap(({ stages }) =>
    stages.flatMap((stage) => (stage.kind === "train" ? stage.outputs : [])),
  );
  return outputs.filter(({ name }) => name === "weights").map(({ digest }) => digest);
}
