import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as ort from "../../src/engine/onnx/runtime.js";
import type { ExportSummary } from "../../src/index.js";
import { listingModules, modulesListed } from "../rig/modules.js";
import { Project } from "../rig/rig.js";
import { Database } from "../rig/sqlite.js";

const project = new Project();
let run = "";
beforeAll(async () => {
  project.writeTinyExperiment();
  const { code, stderr } = await project.pipe("run", "compare.yaml");
  if (code !== 0) throw new Error(stderr);
  run = (await project.show()).run;
}, 60_000);
afterAll(() => project.remove());

function bytesOf(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(project.dir, path)).toString("base64")]));
}

function lines(text: string): readonly string[] {
  return text.split("\n").slice(0, -1);
}

describe("pipe export", () => {
  it("writes every model into a folder of its own, the same bytes each time", async () => {
    const first = await project.pipe("export", "latest", "--format", "onnx");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const names = ["encoder.onnx", "decoder.onnx", "model.onnx", "about.json"];
    const paths = ["narrow", "wide"].flatMap((variant) =>
      names.map((name) => `runs/${run}/export/onnx/${variant}/${name}`),
    );
    expect(lines(first.stdout)).toEqual(paths);
    const bytes = bytesOf(paths);
    await project.pipe("export", run, "-f", "onnx", "-o", "elsewhere");
    const again = bytesOf(paths.map((path) => path.replace(`runs/${run}/export/onnx`, "elsewhere")));
    expect(Object.values(again)).toEqual(Object.values(bytes));
    const model = await ort.InferenceSession.create(join(project.dir, paths[2] as string));
    const { reconstruction } = await model.run({ x: new ort.Tensor("float32", new Float32Array(128), [2, 64]) });
    expect(reconstruction?.dims).toEqual([2, 64]);
    expect(JSON.parse(project.read(paths[3] as string))).toMatchObject({
      epoch: 2,
      latent: { units: 2 },
      data: { name: "tiny", stored: "uint8" },
    });
  });

  it("writes the variants that are named, and tells it as JSON", async () => {
    const { stdout } = await project.pipe("export", "latest", "--format", "tfjs", "--variant", "wide", "--json");
    const summary = JSON.parse(stdout) as ExportSummary;
    expect(summary).toMatchObject({ run, format: "tfjs", warnings: [] });
    const parts = ["encoder", "decoder", "model"].flatMap((part) => [`${part}/model.json`, `${part}/weights.bin`]);
    const folder = `runs/${run}/export/tfjs/wide`;
    expect(summary.files.map(({ path }) => path)).toEqual([...parts, "about.json"].map((name) => `${folder}/${name}`));
    for (const { path, bytes } of summary.files) expect(readFileSync(join(project.dir, path))).toHaveLength(bytes);
  });

  it.each(["csv", "json", "svg", "png", "md"])("writes the report as %s", async (format) => {
    const { code, stdout, stderr } = await project.pipe("export", "latest", "--format", format);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const paths = lines(stdout);
    expect(paths.length).toBeGreaterThan(0);
    const report = paths.filter((path) => !/\/(narrow|wide)\/[^/]+$/.test(path));
    expect(report.length === paths.length).toBe(format !== "csv");
    for (const path of report) expect(path).toMatch(new RegExp(`^runs/${run}/export/${format}/[^/]+\\.${format}$`));
  });

  it("writes the same charts each time", async () => {
    const again = lines((await project.pipe("export", "latest", "--format", "svg", "-o", "again")).stdout);
    const bytes = bytesOf(again.map((path) => path.replace("again", `runs/${run}/export/svg`)));
    expect(Object.values(bytesOf(again))).toEqual(Object.values(bytes));
  });

  it("leaves the other variants out of the report's files", async () => {
    await project.pipe("export", "latest", "--format", "md", "--variant", "narrow", "-o", "one");
    expect(project.read("one/report.md")).toContain("| narrow |");
    expect(project.read("one/report.md")).not.toContain("| wide |");
  });

  it("loads no library that computes into the parent", async () => {
    const world = listingModules(project.dir);
    expect(await project.pipeWith(world, "export", "latest", "--format", "onnx")).toMatchObject({ code: 0 });
    const modules = modulesListed(project.dir);
    expect(modules).toContain("dist/src/cli/actions/export.js");
    expect(modules.filter((name) => /@tensorflow|onnxruntime|node_modules\/vega|protobufjs/.test(name))).toEqual([]);
  });
});

describe("of a variant that trained twice", () => {
  const twice = new Project();
  const pipe = async (...args: string[]) => {
    const ended = await twice.pipe(...args);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    return lines(ended.stdout);
  };
  beforeAll(async () => {
    twice.writeTinyExperiment();
    twice.write("twice.yaml", "extends: narrow.yaml\nname: twice\nstages: { finetune: { uses: train, epochs: 1 } }\n");
    const loss = "stages.finetune.loss={ reconstruction: binary-crossentropy, kl: 1 }";
    const { code, stderr } = await twice.pipe("run", "twice.yaml", "--set", loss, "--until", "finetune", "--no-report");
    if (code !== 0) throw new Error(stderr);
  }, 60_000);
  afterAll(() => twice.remove());
  const epochOf = (path: string) => (JSON.parse(twice.read(path)) as { epoch: number }).epoch;

  it("writes the model of the last training, or of the one that is named", async () => {
    expect(await pipe("export", "latest", "-f", "onnx", "-o", "out")).toContain("out/twice/about.json");
    expect(epochOf("out/twice/about.json")).toBe(1);
    const named = await pipe("export", "latest", "-f", "onnx", "-o", "out", "--stage", "train");
    expect(named).toContain("out/twice/train/about.json");
    expect(epochOf("out/twice/train/about.json")).toBe(2);
  });

  it("writes what the named one says of items, and of csv nothing else", async () => {
    const [last, named] = [
      ["-o", "last"],
      ["-o", "named", "--stage", "train"],
    ];
    await pipe("export", "latest", "-f", "csv", "--split", "test", ...(last as string[]));
    const files = await pipe("export", "latest", "-f", "csv", ...(named as string[]));
    expect(files.every((path) => path.startsWith("named/twice/train/"))).toBe(true);
    expect(twice.read("named/twice/train/test.csv")).not.toBe(twice.read("last/twice/test.csv"));
  });

  it.each([
    [["-f", "onnx", "--stage", "tarin"], "no stage `tarin` of twice trained weights", "Did you mean train?"],
    [["-f", "npz", "--stage", "load"], "no stage `load` of twice trained weights", "Name a stage that trained."],
    [["-f", "svg", "--stage", "train"], "--stage chooses among trained models", "Leave --stage out"],
  ])("refuses %j", async (args, message, fix) => {
    const { code, stdout, stderr } = await twice.pipe("export", "latest", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(fix);
  });
});

describe("what cannot be exported", () => {
  it("writes nothing outside of its folder for a name in a store that someone else made", async () => {
    const db = new Database(join(project.dir, "runs/cache.db"));
    const rename = (from: string, to: string) =>
      db.prepare("UPDATE run SET record = replace(record, ?, ?)").run(`"${from}"`, `"${to}"`);
    rename("narrow", "../../narrow");
    try {
      const ended = await project.pipe("export", "latest", "-f", "onnx", "-o", "a/b/c", "--variant", "../../narrow");
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain('error[unsafe-name]: no file is written for "../../narrow/');
      expect(existsSync(join(project.dir, "a"))).toBe(false);
    } finally {
      rename("../../narrow", "narrow");
      db.close();
    }
  });

  it.each([
    [["latest", "--format", "onxx"], "there is no format `onxx`", "Did you mean onnx?"],
    [["latest", "--format", "onnx", "--variant", "wied"], `has no variant \`wied\``, "Did you mean wide?"],
    [["nothing", "--format", "onnx"], "there is no run nothing", "pipe list"],
    [["latest"], "required option '-f, --format <name>' not specified", "pipe export --help"],
  ])("pipe export %j", async (args, message, fix) => {
    const { code, stdout, stderr } = await project.pipe("export", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(fix);
  });

  it("says what it cannot write", async () => {
    project.write("file", "");
    const { code, stderr } = await project.pipe("export", "latest", "--format", "md", "-o", "file");
    expect(code).toBe(2);
    expect(stderr).toContain("error[output-unwritable]: cannot write file/report.md");
  });

  it("names the layer that TensorFlow.js does not have", async () => {
    project.write(
      "elu.yaml",
      'extends: base.yaml\nname: elu\nparams: { hidden: 3, epochs: 1 }\nstages: { build: { encoder: [{ dense: { units: "${params.hidden}" } }, { elu: { alpha: 0.5 } }] } }\n',
    );
    expect(await project.pipe("run", "elu.yaml", "--until", "train", "--no-report")).toMatchObject({ code: 0 });
    const { code, stderr } = await project.pipe("export", "latest", "--format", "tfjs");
    expect(code).toBe(2);
    expect(stderr).toContain("error[layer-not-in-tfjs]: elu: the layer encoder/elu cannot be written");
    expect((await project.pipe("export", "latest", "--format", "onnx")).code).toBe(0);
  });

  it("a variant whose training failed, but its report", async () => {
    project.write("worse.yaml", "extends: base.yaml\nname: worse\nparams: { learningRate: 1.0e+30 }\n");
    expect((await project.pipe("run", "narrow.yaml", "worse.yaml", "--no-report")).code).toBe(1);
    const others = await project.pipe("export", "latest", "--format", "onnx");
    expect(others.code).toBe(0);
    expect(others.stderr).toMatch(/warning\[no-weights\]: worse has no trained weights in .*: its stage train failed/);
    expect(others.stdout).toMatch(/^(\S+\/narrow\/\S+\n){4}$/);
    const asked = await project.pipe("export", "latest", "--format", "onnx", "--variant", "worse", "--json");
    expect(asked.code).toBe(2);
    expect(JSON.parse(asked.stdout)).toMatchObject({ diagnostics: [{ code: "no-weights", severity: "error" }] });
    expect((await project.pipe("export", "latest", "--format", "md")).code).toBe(0);
  });
});
