import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EngineName, run } from "../../src/index.js";
import { bin, Project, type Running } from "../rig/rig.js";
import { Database } from "../rig/sqlite.js";
import { NO_ENGINES } from "../rig/tensorflow.js";
import { idx } from "../rig/tiny-data.js";

let project: Project;
beforeEach(() => {
  project = new Project();
  project.writeTinyExperiment();
});
afterEach(() => project.remove());

/** An epoch of this stage was seen: it is in the middle of its work. */
async function training(running: Running): Promise<void> {
  await running.event(({ type }) => type === "epoch");
}

/** Process ids of the children of a process. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

describe("a variant that fails", () => {
  it("does not stop the other, is reported, and gives exit code 1", async () => {
    project.write("wild.yaml", "extends: base.yaml\nname: wild\nparams: { learningRate: 1.0e+30 }\n");
    project.write("compare.yaml", "name: wildness\nvariants: [wild.yaml, narrow.yaml]\n");
    const { code, stdout, stderr } = await project.pipe("run", "compare.yaml");
    expect(code).toBe(1);
    expect(stderr).toMatch(/base\.yaml:\d+:\d+ error\[\S+\]: .*(NaN|infinite|not a number)/i);
    expect(stderr).toContain("wild evaluate: skipped: train failed");
    expect(stderr).not.toMatch(/^\s+at .*\.js:/m);
    expect(stdout).toMatch(/wild .*1 failed, 2 skipped/);
    expect(stdout).toMatch(/narrow .*7 ran/);
    const summary = await project.show();
    expect(summary).toMatchObject({ status: "failed", variants: [{ status: "failed" }, { status: "done" }] });
    expect(project.read(summary.report as string)).toContain("wild");
  });
});

describe("an operation that an engine lacks", () => {
  it("is told at the layer that needs it, with the engines that have it", async () => {
    project.writeTinyCnn();
    const { code, stderr } = await project.pipe("run", "cnn.yaml", "--engine", "wasm", "--no-report");
    expect(code).toBe(1);
    expect(stderr).toMatch(/cnn\.yaml:9:9 error\[engine-missing-operation\]: .*Conv2DBackpropFilter.*model\/conv2d/);
    expect(stderr).toContain("--engine onnx, or cpu");
  });
});

describe("Ctrl-C", () => {
  it.skipIf(process.platform === "win32")(
    "stops politely, reports what there is, and gives exit code 130",
    async () => {
      const running = project.start({}, "run", "narrow.yaml", "--json", "--set", "params.epochs=1000000");
      await training(running);
      const workers = existsSync("/proc") ? childrenOf(running.child.pid as number) : [];
      running.child.kill("SIGINT");
      const { code, stdout, stderr } = await running.ended;
      expect(code).toBe(130);
      expect(stderr).toBe("stopping; once more to end at once\n");
      for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
      const summary = await project.show();
      expect(summary).toMatchObject({ status: "interrupted", variants: [{ status: "interrupted" }] });
      const stages = summary.variants[0]?.stages.map(({ status }) => status);
      expect(stages).toEqual(["ran", "ran", "ran", "ran", "interrupted", "skipped", "skipped"]);
      expect(stdout).toContain('"interrupted":1,"skipped":2');
      expect(existsSync(`${project.dir}/${summary.report}`)).toBe(true);
    },
  );
});

describe("a run that is killed", () => {
  it.skipIf(process.platform === "win32")("is not listed as running for ever, and says how far it was", async () => {
    const running = project.start({}, "run", "narrow.yaml", "--json", "--set", "params.epochs=1000000");
    await training(running);
    const alive = await project.pipe("list");
    expect(alive.stdout).toMatch(/narrow +running +\d/);
    running.child.kill("SIGKILL");
    await running.ended;
    const killed = await project.pipe("list");
    expect(killed.stdout).toMatch(/narrow +interrupted \(killed\) +[1-9]/);
    const summary = await project.show();
    expect(summary).toMatchObject({ status: "interrupted", lost: true, variants: [{ status: "interrupted" }] });
    const stages = summary.variants[0]?.stages ?? [];
    expect(stages.map(({ status }) => status).slice(-3)).toEqual(["interrupted", "skipped", "skipped"]);
    expect(stages[4]?.durationMs).toBeGreaterThan(0);
    const db = new Database(join(project.dir, "runs/cache.db"), { readonly: true });
    expect(db.prepare("SELECT status FROM runs").pluck().get()).toBe("interrupted");
    db.close();
    expect((await project.pipe("report", "latest")).code).toBe(0);
  });
});

describe("cache gc", () => {
  it("says what it kept, and that the young are spared", async () => {
    await project.pipe("run", "compare.yaml", "--no-report");
    await project.pipe("run", "narrow.yaml", "--until", "build", "--no-report");
    const spared = await project.pipe("cache", "gc", "--keep-runs", "1");
    expect(spared.stdout).toMatch(/^forgot 0 stage results; deleted 0 byte strings, 0 B\n/);
    expect(spared.stdout).toMatch(/kept 4 stage results of the newest run\n/);
    expect(spared.stdout).toMatch(/kept 7 stage results \(.*\) made or used within the last hour, .*--no-grace/);
    const swept = await project.pipe("cache", "gc", "--keep-runs", "1", "--no-grace");
    expect(swept.stdout).toMatch(
      /^forgot 7 stage results; deleted [1-9]\d* byte strings, .*\nkept 4 stage results of the newest run\n$/,
    );
    expect((await project.pipe("run", "narrow.yaml", "--until", "build", "--no-report")).stdout).toContain("4 cached");
  });
});

describe("a worker that is killed", () => {
  it.skipIf(!existsSync("/proc/self/task"))("costs one attempt: the stage is tried once more", async () => {
    const running = project.start({}, "run", "narrow.yaml", "--json", "--no-report", "--set", "params.epochs=400");
    await training(running);
    for (const pid of childrenOf(running.child.pid as number)) process.kill(pid, "SIGKILL");
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('"code":"worker-lost"');
    expect(stdout).toMatch(/"type":"stage-started","node":"\w+","attempt":2/);
  });
});

describe("wrong input", () => {
  it("is one line with --json too", async () => {
    project.write("narrow.yaml", "extends: base.yaml\nnam: narrow\n");
    const { code, stdout } = await project.pipe("run", "compare.yaml", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ type: "refused", diagnostics: [{ code: "unknown-key" }] });
  });

  it("is told at its place, before anything runs, with exit code 2", async () => {
    project.write("narrow.yaml", "extends: base.yaml\nname: narrow\nstages: { train: { epohcs: 3 } }\n");
    const { code, stdout, stderr } = await project.pipe("run", "compare.yaml");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^narrow\.yaml:3:\d+ error\[unknown-key\]/);
    expect(stderr).toContain("epochs");
    expect(existsSync(`${project.dir}/runs`)).toBe(false);
  });

  it.each([
    [["run"], "missing required argument"],
    [["run", "compare.yaml", "--job", "2"], "Did you mean --jobs?"],
    [["run", "compare.yaml", "--jobs", "none"], "whole number"],
    [["run", "compare.yaml", "--engine", "tpu"], "Allowed choices are onnx"],
    [["run", "compare.yaml", "--engine", "tensorflow"], "@tensorflow/tfjs-node is not installed (pipe engine install"],
    [["engine"], "needs a subcommand"],
    [["engine", "install"], "missing required argument"],
    [["engine", "install", "tensorfow"], "Did you mean tensorflow?"],
    [["engine", "remove", "onnx"], "What can be installed is tensorflow."],
    [["engine", "install", "tensorflow", "--from", "disk"], "Allowed choices are official, wheel"],
    [["run", "compare.yaml", "--until", "trian"], "--until names a stage that no variant has"],
    [["run", "nowhere.yaml"], "nowhere.yaml"],
    [["rnu", "compare.yaml"], "Did you mean run?"],
    [["compare.yaml"], "Did you mean `pipe run compare.yaml`?"],
    [["help", "rnu"], "Did you mean run?"],
    [["rnu", "--help"], "Did you mean run?"],
    [["run", ""], "the name of a file is empty"],
    [["run", "compare.yaml", "--until", "train", "--force", "evaluate"], "that --until train leaves out"],
    [["show", "2025"], "there are no runs yet"],
    [["cache"], "needs a subcommand"],
  ])("`pipe %j` is exit code 2 and a message without a stack", async (args, message) => {
    const { code, stdout, stderr } = await project.pipeWith({ env: NO_ENGINES }, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^\S*( |error\[)/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("packed data that is damaged in its middle", () => {
  it.each(["plan", "run"])("is told by %s, before anything runs", async (command) => {
    const noise = createHash("shake256", { outputLength: 16_000 }).digest();
    const packed = gzipSync(idx(noise, [250, 8, 8]));
    packed[8000] = (packed[8000] as number) ^ 255;
    writeFileSync(`${project.dir}/data/packed.gz`, packed);
    project.write("packed.yaml", "stages: { load: { dataset: packed, train: { images: data/packed.gz } } }\n");
    const { code, stdout, stderr } = await project.pipe(command, "packed.yaml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error[idx-gzip]: packed.gz cannot be unpacked");
    expect(stderr).not.toContain("started");
  });
});

describe("a data file that is edited while the run goes on", () => {
  it("is told, and what was read is never served for the file as it was", async () => {
    const image = join(project.dir, "data/train-images.idx");
    const [before, after] = [readFileSync(image), readFileSync(image)];
    after.fill(0, 16, 16 + 20 * 64);
    // Another limit: a stage of its own, that reads the same file later.
    project.write("late.yaml", "extends: narrow.yaml\nname: late\nstages: { load: { limit: { train: 50 } } }\n");
    project.write("both.yaml", "name: both\nvariants: [narrow.yaml, late.yaml]\n");
    const args = ["both.yaml", "--json", "--no-report", "--jobs", "1", "--set", "params.epochs=300"];
    const running = project.start({}, "run", ...args);
    await training(running);
    writeFileSync(image, after);
    const ended = await running.ended;
    writeFileSync(image, before);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/base\.yaml:8:\d+ error\[file-changed\]: train-images\.idx was changed/);
    const lossOf = async (...more: string[]) => {
      await project.pipe("run", "late.yaml", "--no-report", "--set", "params.epochs=3", ...more);
      const [variant] = (await project.show()).variants;
      return { load: variant?.stages[0]?.status, loss: variant?.metrics.test?.loss };
    };
    const served = await lossOf();
    expect(served.load).toBe("ran");
    expect(served).toEqual(await lossOf("--force"));
    writeFileSync(image, after);
    expect((await lossOf()).load).toBe("cached");
  });

  it("an edit in place with the length and the time of before is noticed by the next run", async () => {
    const image = join(project.dir, "data/train-images.idx");
    const { atime, mtime } = statSync(image);
    expect((await project.pipe("run", "narrow.yaml", "--until", "load", "--no-report")).code).toBe(0);
    const file = openSync(image, "r+");
    writeSync(file, Uint8Array.of(123), 0, 1, 400);
    closeSync(file);
    utimesSync(image, atime, mtime);
    const { stderr } = await project.pipe("run", "narrow.yaml", "--until", "load", "--no-report");
    expect(stderr).toContain("load: started (params.train.images: the file's content changed)");
  });
});

describe("a data file of 5 GB", () => {
  it("is looked at, not read, before anything runs", async () => {
    const header = idx(new Uint8Array(), [5_000_000, 1000]);
    writeFileSync(join(project.dir, "data/huge.idx"), header);
    truncateSync(join(project.dir, "data/huge.idx"), header.length + 5e9);
    project.write("huge.yaml", "stages: { load: { dataset: huge, train: { images: data/huge.idx } } }\n");
    expect((await project.pipe("validate", "huge.yaml")).code).toBe(0);
    truncateSync(join(project.dir, "data/huge.idx"), header.length + 5e9 - 1);
    const { code, stderr } = await project.pipe("validate", "huge.yaml");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/huge\.yaml:1:\d+ error\[idx-truncated\]/)]);
  });
});

describe("a runs directory that cannot be written", () => {
  it("is told at the start", async () => {
    project.write("taken", "a file in the place of a directory");
    const { code, stderr } = await project.pipe("run", "compare.yaml", "--runs", "taken");
    expect(code).toBe(2);
    expect(stderr).toContain("taken");
    expect(stderr).not.toContain("started");
  });
});

describe("stored numbers that were changed", () => {
  it("are made again, with a warning, also where all else is cached", async () => {
    await project.pipe("run", "narrow.yaml");
    const db = new Database(join(project.dir, "runs/cache.db"));
    db.exec("UPDATE manifest SET json = replace(json, '\"loss\"', '\"lose\"') WHERE kind = 'metrics'");
    db.close();
    expect((await project.pipe("show", "latest")).stderr).toContain("cache-damaged");
    const { code, stdout, stderr } = await project.pipe("run", "narrow.yaml");
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning\[cache-damaged\]: the stored output of evaluate is damaged/);
    expect(stdout).toMatch(/6 cached, 1 ran/);
    expect((await project.show()).variants[0]?.metrics.test).toHaveProperty("loss");
  });
});

describe("a program's mistakes", () => {
  it.each([
    [{ jobs: 0 }, "jobs must be a whole number"],
    [{ jobs: Number.NaN }, "jobs must be a whole number"],
    [{ engine: "tpu" as EngineName }, "no engine is called tpu"],
  ])("run(files, %j) is refused", async (options, message) => {
    const result = await run(["narrow.yaml"], { cwd: project.dir, ...options });
    expect(result).toMatchObject({ ok: false, error: [{ message: expect.stringContaining(message) }] });
  });
});

describe("two processes on one store", () => {
  it("both come to their end with the same results", async () => {
    const run = () => project.pipe("run", "compare.yaml", "--no-report");
    const [a, b] = await Promise.all([run(), run()]);
    expect([a.code, b.code, a.stderr.match(/error/), b.stderr.match(/error/)]).toEqual([0, 0, null, null]);
    const table = (stdout: string) => stdout.match(/(narrow|wide) +[\d. -]+/g);
    expect(table(a.stdout)?.map((line) => line.split(/ +/).slice(0, 7))).toEqual(
      table(b.stdout)?.map((line) => line.split(/ +/).slice(0, 7)),
    );
    expect(await project.pipe("cache", "verify")).toMatchObject({ code: 0 });
  });
});

describe("a reader that leaves early", () => {
  it.skipIf(process.platform === "win32")("is no error", async () => {
    await project.pipe("run", "narrow.yaml", "--until", "load");
    const running = project.start({}, "list", "--json");
    running.child.stdout.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("standard output on a full disk", () => {
  it.skipIf(!existsSync("/dev/full"))("is told once, as nobody's bug", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [bin, "validate", "compare.yaml"], {
      cwd: project.dir,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error\[output-unwritable\]: standard output cannot be written: ENOSPC.*\n.*\n$/);
  });
});
