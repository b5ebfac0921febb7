import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ITEM_GROUPS } from "../../src/base/items.js";
import type { ExportSummary, RunSummary } from "../../src/index.js";
import { csvRows } from "../items/csv-rows.js";
import { listingModules, modulesListed } from "../rig/modules.js";
import { Project } from "../rig/rig.js";

const project = new Project();
let shown: RunSummary;
/** Format → what an export of everything in it wrote. */
let written: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  project.writeTinyExperiment();
  project.write("named.yaml", `extends: narrow.yaml\nname: named\nstages: { load: { classes: ['a,b', '"', "ü"] } }\n`);
  project.writeTinyCnn();
  project.write(
    "classes.yaml",
    "extends: cnn.yaml\nname: classes\nstages: { load: { test: { images: data/test-images.idx, labels: data/test-labels.idx } }, evaluate: {} }\n",
  );
  const { code, stderr } = await project.pipe("run", "named.yaml", "classes.yaml", "--no-report");
  if (code !== 0) throw new Error(stderr);
  shown = await project.show();
  const all = ITEM_GROUPS.join(",");
  const [npz, parquet, csv] = await Promise.all([
    exported("-f", "npz", "-o", "npz"),
    exported("-f", "parquet", "-o", "parquet"),
    exported("-f", "csv", "-o", "csv", "--columns", all),
  ]);
  written = { npz, parquet, csv };
}, 60_000);
afterAll(() => project.remove());

/** Runs `pipe export`, and expects it to end well. */
async function exported(...args: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await project.pipe("export", "latest", ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

/** Column → its fields, of a file. */
function columnsOf(file: string): Readonly<Record<string, readonly string[]>> {
  const [heads = [], ...rows] = csvRows(project.read(file));
  return Object.fromEntries(heads.map((name, i) => [name, rows.map((row) => row[i] as string)]));
}

function numbersOf(file: string, column: string): readonly number[] {
  return (columnsOf(file)[column] ?? []).map(Number);
}

function bytesOf(file: string): Buffer {
  return readFileSync(join(project.dir, file));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Arrays of an archive, by name: shape and values. */
function npzOf(file: string): Readonly<Record<string, { readonly shape: string; readonly values: Float32Array }>> {
  const arrays: Record<string, { shape: string; values: Float32Array }> = {};
  for (const [name, bytes] of Object.entries(unzipSync(bytesOf(file)))) {
    const start = 10 + Buffer.from(bytes).readUInt16LE(8);
    const header = Buffer.from(bytes).toString("latin1", 10, start);
    const shape = /'shape': (\(.*?\))/.exec(header)?.[1] ?? "";
    arrays[name.replace(".npy", "")] = { shape, values: new Float32Array(bytes.slice(start).buffer) };
  }
  return arrays;
}

describe("pipe export of items", () => {
  it("writes a file a split, the same bytes each time", async () => {
    for (const format of ["npz", "parquet", "csv"]) {
      const files = [`train.${format}`, `test.${format}`, "about.json"];
      const paths = ["named", "classes"].flatMap((variant) => files.map((file) => `${format}/${variant}/${file}`));
      expect(written[format]).toEqual(paths);
    }
    const [path = ""] = await exported("--format", "npz", "--split", "test", "--variant", "named");
    expect(path).toBe(`runs/${shown.run}/export/npz/named/test.npz`);
    expect(bytesOf(path).equals(bytesOf("npz/named/test.npz"))).toBe(true);
  });

  it("tells losses that the metrics are the means of, on every split", () => {
    for (const { name, metrics } of shown.variants) {
      expect(Object.keys(metrics)).toEqual(["train", "test"]);
      for (const [split, measured] of Object.entries(metrics)) {
        const file = `csv/${name}/${split}.csv`;
        expect(mean(numbersOf(file, "loss"))).toBeCloseTo(measured?.loss as number, 9);
        if (name !== "named") continue;
        expect(mean(numbersOf(file, "loss_kl"))).toBeCloseTo(measured?.kl as number, 9);
        expect(mean(numbersOf(file, "loss_reconstruction"))).toBeCloseTo(measured?.reconstruction as number, 9);
      }
    }
  });

  it("tells classes by number and name, and probabilities that add up", () => {
    const { label, label_name, predicted, ...others } = columnsOf("csv/classes/test.csv");
    expect(label).toEqual(Array.from({ length: 30 }, (_, i) => String(i % 3)));
    expect(label_name).toEqual(label);
    const right = predicted?.filter((called, i) => called === label?.[i]).length as number;
    const accuracy = shown.variants.find(({ name }) => name === "classes")?.metrics.test?.accuracy;
    expect(right / 30).toBeCloseTo(accuracy as number, 12);
    const rows = [0, 1, 2].map((c) => (others[`probability_${c}`] ?? []).map(Number));
    for (let i = 0; i < 30; i++) {
      const row = rows.map((column) => column[i] as number);
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      expect(predicted?.[i]).toBe(String(row.indexOf(Math.max(...row))));
    }
    expect(columnsOf("csv/named/test.csv").label_name?.slice(0, 3)).toEqual(["a,b", '"', "ü"]);
  });

  it("has the same numbers in an archive, reconstructions of full precision among them", () => {
    const arrays = npzOf("npz/named/test.npz");
    expect(Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]))).toEqual({
      item: "(30,)",
      label: "(30,)",
      latent: "(30, 2)",
      latent_scale: "(30, 2)",
      reconstruction: "(30, 64)",
      loss: "(30,)",
      loss_reconstruction: "(30,)",
      loss_kl: "(30,)",
      classes: "(3,)",
    });
    for (const [name, width] of Object.entries({ latent: 2, latent_scale: 2, reconstruction: 64 })) {
      for (let i = 0; i < width; i++) {
        const values = arrays[name]?.values.filter((_, at) => at % width === i);
        expect(numbersOf("csv/named/test.csv", `${name}_${i}`)).toEqual([...(values as Float32Array)]);
      }
    }
    // Bytes would know 256 values at most.
    expect(new Set(arrays.reconstruction?.values).size).toBeGreaterThan(256);
  });

  it("says what is in the files", () => {
    const about = JSON.parse(project.read("parquet/named/about.json"));
    expect(about).toMatchObject({
      epoch: 2,
      data: "tiny",
      classes: ["a,b", '"', "ü"],
      splits: { train: { file: "train.parquet", items: 60 }, test: { file: "test.parquet", items: 30 } },
    });
    expect(about.splits.test.columns).toContainEqual({ name: "latent", dtype: "float32", shape: [2] });
  });

  it("writes tables and items as csv, without reconstructions", async () => {
    const paths = await exported("--format", "csv", "--variant", "named", "-o", "both");
    expect(paths.some((path) => /^both\/[^/]+\.csv$/.test(path))).toBe(true);
    expect(paths.slice(-3)).toEqual(["train.csv", "test.csv", "about.json"].map((file) => `both/named/${file}`));
    const heads = Object.keys(columnsOf("both/named/train.csv"));
    expect(heads).toEqual(
      Object.keys(columnsOf("csv/named/train.csv")).filter((name) => !name.startsWith("reconstruction")),
    );
    expect(heads).toContain("latent_scale_1");
  });

  it("says which variants have nothing of what is asked for", async () => {
    const { code, stdout } = await project.pipe("export", "latest", "-f", "npz", "--columns", "latents", "--json");
    expect(code).toBe(0);
    const { files, warnings } = JSON.parse(stdout) as ExportSummary;
    expect(files.map(({ path }) => path)).toEqual(
      ["train.npz", "test.npz", "about.json"].map((file) => `runs/${shown.run}/export/npz/named/${file}`),
    );
    expect(warnings).toMatchObject([{ code: "nothing-to-export" }]);
    expect(warnings[0]?.message).toContain("classes has no latents");
  });

  it("loads no library that computes or writes into the parent", async () => {
    const world = listingModules(project.dir);
    expect(await project.pipeWith(world, "export", "latest", "--format", "parquet")).toMatchObject({ code: 0 });
    const modules = modulesListed(project.dir);
    expect(modules).toContain("dist/src/cli/actions/export-items.js");
    expect(modules.filter((name) => /@tensorflow|onnxruntime|hyparquet|dist\/src\/items/.test(name))).toEqual([]);
  });
});

describe("items that cannot be exported", () => {
  it.each([
    [["-f", "npz", "--split", "tset"], "the data of named have no split tset", "Did you mean test?"],
    [["-f", "npz", "--columns", "latent"], "there is no group of columns `latent`", "Did you mean latents?"],
    [["-f", "npz", "--columns", ""], "there is no group of columns ``", "Say one of predictions, latents"],
    [
      ["-f", "onnx", "--split", "test"],
      "--split chooses among items, and --format onnx writes none",
      "npz, parquet or csv",
    ],
    [["-f", "svg", "--columns", "losses"], "--columns chooses among items", "Leave --columns out"],
    [["-f", "parqet"], "there is no format `parqet`", "Did you mean parquet?"],
  ])("pipe export %j", async (args, message, fix) => {
    const { code, stdout, stderr } = await project.pipe("export", "latest", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain(fix);
  });

  it("says where it cannot write", async () => {
    project.write("taken", "");
    const { code, stderr } = await project.pipe("export", "latest", "-f", "npz", "-o", "taken");
    expect(code).toBe(2);
    expect(stderr).toContain("error[output-unwritable]: cannot write taken/named/train.npz: ");
  });

  it("a variant without weights, which as csv has its tables", async () => {
    project.write("worse.yaml", "extends: narrow.yaml\nname: worse\nparams: { learningRate: 1.0e+30 }\n");
    expect((await project.pipe("run", "worse.yaml", "--no-report")).code).toBe(1);
    const alone = await project.pipe("export", "latest", "-f", "npz");
    expect(alone).toMatchObject({ code: 2, stdout: "" });
    expect(alone.stderr).toContain("error[no-weights]: worse has no trained weights");
    const tables = await project.pipe("export", "latest", "-f", "csv");
    expect(tables.code).toBe(0);
    expect(tables.stderr).toContain("warning[no-weights]");
    expect(tables.stdout).toMatch(/\.csv\n/);
  });
});
