import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchArtifact } from "../../src/artifact/io.js";
import type { ArtifactKind } from "../../src/artifact/types.js";
import type { Digest } from "../../src/base/digest.js";
import type { RunSummary } from "../../src/index.js";
import { openStore } from "../../src/store/index.js";
import type { Store } from "../../src/store/types.js";
import { csvRows } from "../items/csv-rows.js";
import { Project } from "../rig/rig.js";
import { contentsOf } from "./contents.js";

/**
 * Stores that released versions wrote. They are never made anew: what a version stored, all later ones must be able to
 *
 * - open, verify and show, with the numbers that it showed;
 * - read, every artifact with the same contents, by a decoder kept for its format (`Codec.older`);
 * - use: trained weights are measured and exported, and a report is rendered from what was stored.
 *
 * They need not find a stage's result by its fingerprint: a stage whose code changed since is run again.
 */
interface Stored {
  readonly run: string;
  readonly variants: readonly (Pick<RunSummary["variants"][number], "name" | "status" | "metrics" | "training"> & {
    readonly stages: readonly string[];
  })[];
  readonly artifacts: Readonly<Record<Digest, { readonly kind: ArtifactKind; readonly contents: unknown }>>;
}

const here = import.meta.dirname;
const versions = readdirSync(here)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(/\.json$/, ""));

function openIn(project: Project): Store {
  const opened = openStore(join(project.dir, "runs"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

describe.each(versions)("the store of version %s", (version) => {
  const stored = JSON.parse(readFileSync(join(here, `${version}.json`), "utf8")) as Stored;
  const trained = stored.variants.filter(({ training }) => training !== null);
  const wanted = trained.flatMap(({ name }) => ["--variant", name]);
  let project: Project;
  beforeAll(() => {
    project = new Project();
    project.write("runs/cache.db", "");
    const packed = readFileSync(join(here, `${version}.db.br`));
    writeFileSync(join(project.dir, "runs/cache.db"), brotliDecompressSync(packed));
  });
  afterAll(() => project.remove());

  /** Runs `pipe` and expects that it has nothing to complain of. */
  async function pipe(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await project.pipe(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  it("has every kind of artifact", () => {
    const kinds = new Set(Object.values(stored.artifacts).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(
      ["dataset", "figures", "history", "metrics", "model", "predictions", "report", "weights"].sort(),
    );
  });

  it("gives every artifact with what was in it", () => {
    const store = openIn(project);
    try {
      for (const [digest, { kind, contents }] of Object.entries(stored.artifacts)) {
        expect(contentsOf(kind, fetchArtifact(store, kind, digest)), `${kind} ${digest}`).toEqual(contents);
      }
    } finally {
      store.close();
    }
  });

  it("is found whole", async () => {
    expect(await pipe("cache", "verify")).toBe("everything is as it was stored\n");
  });

  it("shows its run as it was", async () => {
    const shown = await project.show(stored.run);
    const variants = shown.variants.map(({ name, status, metrics, training, stages }) => ({
      name,
      status,
      metrics,
      training,
      stages: stages.map((stage) => `${stage.name} ${stage.status}`),
    }));
    expect(variants).toEqual(stored.variants);
    expect(await pipe("list")).toContain(stored.run);
  });

  it("has weights that still measure what they measured", async () => {
    await pipe("export", stored.run, "--format", "csv", "--split", "test", "-o", "items", ...wanted);
    for (const { name, metrics } of trained) {
      const [heads = [], ...rows] = csvRows(project.read(`items/${name}/test.csv`));
      const losses = rows.map((row) => Number(row[heads.indexOf("loss")]));
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      expect(mean / (metrics.test?.loss as number), name).toBeCloseTo(1, 5);
    }
  });

  it.each(["onnx", "tfjs"])("has models that can be exported as %s", async (format) => {
    await pipe("export", stored.run, "--format", format, "-o", format, ...wanted);
    expect(project.list(format).length).toBeGreaterThanOrEqual(trained.length);
  });

  it("can be reported on again", async () => {
    await pipe("report", stored.run, "--timings", "-o", "again.html");
    const html = project.read("again.html");
    for (const { name } of stored.variants) expect(html).toContain(name);
  });
});

describe("a store in which a newer version has written", () => {
  const project = new Project();
  let weights: Digest;
  beforeAll(async () => {
    project.writeTinyExperiment();
    await project.pipe("run", "narrow.yaml", "--no-report");
    const stages = (await project.show()).variants[0]?.stages ?? [];
    const train = stages.find(({ kind }) => kind === "train");
    const store = openIn(project);
    const result = store.lookup(train?.fingerprint as Digest);
    if (result === undefined) throw new Error("nothing was stored");
    const outputs = result.outputs.map((output) => {
      const digest = store.putManifest({ ...store.readManifest(output.digest), codec: 99 });
      if (output.kind === "weights") weights = digest;
      return { ...output, digest };
    });
    store.commit({ ...result, outputs }, []);
    store.close();
  });
  afterAll(() => project.remove());

  it("is neither used nor damaged: the run says so, and nothing is dropped", async () => {
    const { code, stderr } = await project.pipe("run", "narrow.yaml", "--force", "evaluate", "--no-report");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error[cache-newer]: a stored artifact of kind weights was written by a newer version of pipe",
    );
    expect(stderr).toContain("received: format 99");
    expect(stderr).toContain("Update pipe");
    expect(stderr).not.toContain("damaged");
    const store = openIn(project);
    expect(store.readManifest(weights).codec).toBe(99);
    store.close();
    expect((await project.pipe("cache", "verify")).code).toBe(0);
  });

  it("is shown as far as it can be read", async () => {
    const { code, stdout, stderr } = await project.pipe("show", "latest");
    expect(code).toBe(0);
    expect(stdout).toContain("narrow");
    expect(stderr).toContain("warning[cache-newer]: a stored artifact of kind history was written by a newer version");
  });
});
