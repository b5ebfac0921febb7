import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/base/event.js";
import type { RunSummary } from "../../src/index.js";
import { listingModules, modulesListed } from "../rig/modules.js";
import { type Ended, Project, Running } from "../rig/rig.js";
import { Database } from "../rig/sqlite.js";

const project = new Project();
let first: Ended;

beforeAll(async () => {
  project.writeTinyExperiment();
  first = await project.pipe("run", "compare.yaml");
});
afterAll(() => project.remove());

function statuses({ variants }: RunSummary): Record<string, string> {
  return Object.fromEntries(
    variants.flatMap((variant) => variant.stages.map(({ name, status }) => [`${variant.name} ${name}`, status])),
  );
}

function ranIn(summary: RunSummary): string[] {
  return Object.entries(statuses(summary)).flatMap(([name, status]) => (status === "ran" ? [name] : []));
}

function eventsOf(stdout: string): RunEvent[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
}

describe("the command in the record", () => {
  it("leads to a file above the working directory", async () => {
    project.write("sub/empty.txt", "");
    const running = new Running(join(project.dir, "sub"), {}, ["run", "../narrow.yaml", "--until", "load"]);
    expect(await running.ended).toMatchObject({ code: 0 });
    const db = new Database(join(project.dir, "sub/runs/cache.db"), { readonly: true });
    const command = db.prepare("SELECT json_extract(record, '$.context.provenance.command') FROM run").pluck().get();
    db.close();
    expect(command).toBe("pipe run ../narrow.yaml --until load");
  });
});

describe("a first run", () => {
  it("succeeds, with a table and the report's path on standard output", () => {
    expect(first).toMatchObject({ code: 0 });
    const lines = first.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^variant +train loss .* test loss .* time +stages$/);
    expect(lines[1]).toMatch(/^narrow .* 7 ran$/);
    expect(lines[2]).toMatch(/^wide .* 7 ran$/);
    expect(lines[3]).toMatch(/^runs\/\d{8}-\d{6}-[0-9a-f]{4}\/report\.html$/);
    expect(existsSync(join(project.dir, lines[3] as string))).toBe(true);
  });

  it("tells its progress on standard error, in plain lines without a terminal", () => {
    expect(first.stderr).toContain("narrow train: epoch 2/2  train loss ");
    expect(first.stderr).toContain("load: started (never ran)\n");
    expect(first.stderr + first.stdout).not.toContain("\u001b");
  });

  it("runs what variants share once", () => {
    expect(first.stderr.match(/load: started/g)).toHaveLength(1);
    expect(first.stderr.match(/train: started/g)).toHaveLength(2);
  });

  it("keeps events and no library's banner", () => {
    const folder = `runs/${/runs\/(\S+)\/report/.exec(first.stdout)?.[1]}`;
    const events = eventsOf(project.read(`${folder}/events.jsonl`));
    expect(events[0]?.type).toBe("run-started");
    expect(events.at(-1)?.type).toBe("run-finished");
    expect(first.stderr).not.toMatch(/TensorFlow|onnxruntime:/);
  });

  it("is shown with what it made", async () => {
    const summary = await project.show();
    expect(summary).toMatchObject({
      comparison: "width",
      status: "done",
      report: expect.stringMatching(/report\.html$/),
    });
    const [narrow] = summary.variants;
    expect(narrow).toMatchObject({ name: "narrow", status: "done", params: { hidden: 3, epochs: 2 } });
    expect(narrow?.metrics.test).toEqual({
      loss: expect.any(Number),
      reconstruction: expect.any(Number),
      kl: expect.any(Number),
    });
    expect(narrow?.stages.find(({ name }) => name === "train")).toMatchObject({
      peakBytes: expect.any(Number),
      kind: "train",
      status: "ran",
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      outputs: [
        {
          name: "weights",
          kind: "weights",
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          bytes: expect.any(Number),
        },
        { name: "history", kind: "history" },
      ],
    });
  });
});

describe("an unchanged run", () => {
  it("executes nothing, renders nothing, and loads nothing that could", async () => {
    // That there is no worker is part of the test.
    const world = listingModules(project.dir, { workers: true });
    const { code, stdout, stderr } = await project.pipeWith(world, "run", "compare.yaml");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("0 ran, 11 cached") });
    const before = /\nruns.*/.exec(first.stdout)?.[0].trim() ?? "";
    const after = /\nruns.*/.exec(stdout)?.[0].trim() ?? "";
    expect(after).not.toBe(before);
    expect(project.read(after)).toBe(project.read(before));
    const loaded = modulesListed(project.dir);
    expect(loaded).toContain("dist/src/cli/main.js");
    const heavy =
      /@tensorflow|onnxruntime|node_modules\/vega|listr2|\/ajv\/|dist\/src\/(engine|report\/(?!version))|dist\/stages|worker\.js/;
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  });
});

describe("a changed run", () => {
  it("trains, evaluates and visualizes anew when the epochs change, and says why", async () => {
    const { code, stderr } = await project.pipe("run", "compare.yaml", "--set", "params.epochs=3", "--no-report");
    expect(code).toBe(0);
    const stages = ["train", "evaluate", "visualize"];
    expect(ranIn(await project.show())).toEqual(
      ["narrow", "wide"].flatMap((v) => stages.map((stage) => `${v} ${stage}`)),
    );
    expect(stderr).toContain("narrow train: started (params.epochs: 2 → 3)");
  });

  it("visualizes anew, and no more, when a chart's option changes", async () => {
    project.write("charts.yaml", "extends: narrow.yaml\nstages: { visualize: { charts: [loss-curves] } }\n");
    await project.pipe("run", "charts.yaml", "--no-report");
    expect(ranIn(await project.show())).toEqual(["narrow visualize"]);
  });

  it("runs a stage again when it is forced, and stops where its bytes are the same", async () => {
    const { code, stderr } = await project.pipe("run", "narrow.yaml", "--force", "train", "--no-report");
    expect(code).toBe(0);
    expect(stderr).toContain("train: started (forced)");
    expect(ranIn(await project.show())).toEqual(["narrow train"]);
  });

  it("takes a file behind --force for a file, and forces all", async () => {
    const { code } = await project.pipe("run", "--until", "flatten", "--no-report", "--force", "narrow.yaml");
    expect(code).toBe(0);
    expect(ranIn(await project.show())).toEqual(["narrow load", "narrow flatten"]);
  });

  it("ends at the stage that --until names", async () => {
    const { stdout } = await project.pipe("run", "narrow.yaml", "--until", "normalize", "--no-report");
    expect(stdout).toMatch(/narrow .* 3 cached\n$/);
    expect((await project.show()).report).toBe(null);
  });
});

describe("--json", () => {
  it("prints one event a line and nothing else on standard output", async () => {
    const { code, stdout, stderr } = await project.pipe(
      "run",
      "compare.yaml",
      "--json",
      "--until",
      "train",
      "--set",
      "params.epochs=4",
    );
    expect(code).toBe(0);
    const events = eventsOf(stdout);
    const kinds = new Set(events.map(({ type }) => type));
    expect(events[0]).toMatchObject({ type: "run-started", experiment: "width", variants: [{ name: "narrow" }, {}] });
    expect([...kinds]).toEqual(
      expect.arrayContaining(["stage-started", "stage-finished", "epoch", "report-written", "run-finished"]),
    );
    expect(events.filter(({ type }) => type === "epoch")).toHaveLength(8);
    expect(stderr).toBe("");
  });
});

describe("two stores", () => {
  it("hold the same bytes after the same run, one stage at a time or two", async () => {
    const [a, b] = await Promise.all(
      ["a", "b"].map((runs, i) => project.pipe("run", "compare.yaml", "--runs", runs, "--jobs", String(i + 1))),
    );
    expect([a?.code, b?.code]).toEqual([0, 0]);
    const results = async (runs: string) => {
      const { stdout } = await project.pipe("show", "latest", "--json", "--runs", runs);
      const { engine, variants } = JSON.parse(stdout) as RunSummary;
      return { engine, outputs: variants.flatMap(({ stages }) => stages.flatMap(({ outputs }) => outputs)) };
    };
    expect(await results("a")).toEqual(await results("b"));
    const report = (ended: Ended | undefined) => project.read(ended?.stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(report(a)).toBe(report(b));
  });
});
