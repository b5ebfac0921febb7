import { describe, expect, it } from "vitest";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import type { History } from "../../src/artifact/types.js";
import { own } from "../../src/base/json.js";
import type { PortRef } from "../../src/base/ports.js";
import { defaultCharts } from "../../src/report/collect.js";
import { machineReadable } from "../../src/report/machine-readable.js";
import { drawParts } from "../../src/report/parts.js";
import type { ReportStage, ReportVariant } from "../../src/report/types.js";
import { artifactsOf, type Fixture, makeFixture, reportInput, stageInput, twoVariants } from "./fixture.js";

/** `{ train: "first", weights: "first" }` → ports of those stages; every output is called like its kind. */
function from(wires: Readonly<Record<string, string>>): Readonly<Record<string, PortRef>> {
  return Object.fromEntries(Object.entries(wires).map(([port, stage]) => [port, { stage, port }]));
}

function stage(
  name: string,
  wires: Readonly<Record<string, string>>,
  made: Readonly<Record<string, string>>,
  more: Partial<ReportStage> = {},
): ReportStage {
  const outputs = Object.entries(made).map(([kind, digest]) => ({ name: kind, kind, digest }));
  return stageInput(name, { inputs: from(wires), outputs, ...more });
}

const shown = new Set(["loss-curves", "item-errors", "cost", "data-card"]);
const charts = defaultCharts().filter(({ kind }) => shown.has(kind));

/** One variant that trains, measures and draws twice, made of what two variants left; and what these are in the store. */
async function twice(): Promise<Fixture & { readonly variant: ReportVariant }> {
  const { input, store } = await makeFixture(twoVariants.map((variant) => ({ ...variant, charts })));
  const [first, second] = input.variants as [ReportVariant, ReportVariant];
  const [one, two] = [artifactsOf(first), artifactsOf(second)] as Record<string, string>[];
  const pick = (made: Record<string, string> | undefined, ...kinds: string[]) =>
    Object.fromEntries(kinds.map((kind) => [kind, made?.[kind] as string]));
  const data = { dataset: "load" };
  const [model, other] = [
    { ...data, model: "build" },
    { ...data, model: "rebuild" },
  ];
  const [early, late] = [
    { ...model, weights: "pretrain", history: "pretrain" },
    { ...other, weights: "finetune", history: "finetune" },
  ];
  const stages = [
    stage("load", {}, pick(one, "dataset")),
    stage("build", data, pick(one, "model")),
    stage("pretrain", model, pick(one, "weights", "history"), { timing: { status: "ran", durationMs: 1000 } }),
    stage("measure", { ...model, weights: "pretrain" }, pick(one, "metrics", "predictions")),
    stage("draw", { ...early, metrics: "measure", predictions: "measure" }, pick(one, "figures")),
    stage("rebuild", data, pick(two, "model")),
    stage("finetune", { ...other, weights: "pretrain" }, pick(two, "weights", "history"), {
      timing: { status: "ran", durationMs: 3000 },
    }),
    stage("again", { ...other, weights: "finetune" }, pick(two, "metrics", "predictions")),
    stage("redraw", { ...late, metrics: "again", predictions: "again" }, pick(two, "figures")),
  ];
  const variant = { ...first, name: "vae", stages };
  return { variant, store, input: reportInput([variant], { baseline: "vae" }) };
}

async function read({ input, store }: Fixture) {
  const parts = await drawParts(input, store);
  const page = machineReadable(input, parts);
  const names = (table: string) => page.tables[table]?.rows.map(([name]) => name);
  const variants = (dataset: string) => [...new Set(page.datasets[dataset]?.variant)];
  return { page, names, variants, charts: [...parts.charts.keys()] };
}

describe("two stages of one kind", () => {
  it("have a row and a line each, under the variant's name and theirs", async () => {
    const { page, names, variants } = await read(await twice());
    expect(names("metrics-main")).toEqual(["vae · measure", "vae · again"]);
    expect(names("trainings")).toEqual(["vae · pretrain", "vae · finetune"]);
    expect(variants("loss-curves")).toEqual(["vae · pretrain", "vae · finetune"]);
    // The last measurement is what the others are held against.
    const text = page.sections.find(({ id }) => id === "answer")?.text.join(" ");
    expect(text).toContain("vae · measure is better than vae · again");
    const table = page.tables["metrics-main"];
    expect(table?.columns.map(({ label }) => label)).toContain("Difference to vae · again");
    expect(page.tables["provenance-stages"]?.rows.map(([variant, name]) => `${variant}/${name}`)).toContain(
      "vae/finetune",
    );
  });

  it("each come with what led to them", async () => {
    const { page, names, variants } = await read(await twice());
    const { columns = [], rows = [] } = page.tables["metrics-main"] ?? {};
    const parameters = rows.map((row) => row[columns.findIndex(({ label }) => label === "Parameters")] as number);
    const [wide, narrow] = twoVariants.map(({ hidden }) => 784 * hidden);
    expect(parameters[0]).toBeGreaterThan(wide as number);
    expect(parameters[1]).toBeLessThan(wide as number);
    expect(parameters[1]).toBeGreaterThan(narrow as number);
    // Charts of what was measured are named like the measurements, those of models like the stages that built them.
    expect(variants("item-errors-distribution")).toEqual(["vae · measure", "vae · again"]);
    expect(names("cost-table")).toEqual(["vae · build", "vae · rebuild"]);
    const labels = page.tables["cost-table"]?.columns.map(({ label }) => label) ?? [];
    expect(labels.indexOf("encoder")).toBeLessThan(labels.indexOf("decoder"));
    // Both drew the card of the same data.
    const card = page.sections.find(({ id }) => id === "data-card")?.text.join(" ");
    expect(card).not.toContain("·");
  });

  it("of one model count all steps of its training, wherever they were drawn", async () => {
    const { input, store, variant } = await twice();
    const { history: digest } = artifactsOf(variant) as { history: string };
    const { stepsPerEpoch, epochs } = fetchArtifact(store, "history", digest) as History;
    const build = variant.stages.find(({ name }) => name === "build") as ReportStage;
    const stages = variant.stages
      .filter(({ name }) => !["rebuild", "draw"].includes(name))
      .map((one) => ({
        ...one,
        inputs: Object.fromEntries(
          Object.entries(one.inputs).map(([port, from]) => [
            port,
            from.stage === "rebuild" ? { ...from, stage: build.name } : from,
          ]),
        ),
        outputs: one.outputs.map((output) =>
          output.kind === "history" ? { ...output, digest: digest as typeof output.digest } : output,
        ),
      }));
    const { page } = await read({ store, input: { ...input, variants: [{ ...variant, stages }] } });
    const { columns = [], rows = [] } = page.tables["cost-table"] ?? {};
    expect(rows.map((row) => row[columns.findIndex(({ label }) => label === "Training steps")])).toEqual([
      2 * stepsPerEpoch * epochs,
    ]);
  });

  it("are shown where a single stage of charts saw but the last", async () => {
    const { input, store, variant } = await twice();
    const stages = variant.stages.filter(({ name }) => name !== "draw");
    const { names, variants } = await read({ store, input: { ...input, variants: [{ ...variant, stages }] } });
    expect(names("metrics-main")).toEqual(["vae · measure", "vae · again"]);
    expect(variants("loss-curves")).toEqual(["vae · pretrain", "vae · finetune"]);
    expect(variants("item-errors-distribution")).toEqual(["vae · again"]);
  });

  it("leave names alone where there is but one", async () => {
    const { input, store, variant } = await twice();
    const once = variant.stages.filter(({ name }) => !["measure", "draw"].includes(name));
    const { names, variants } = await read({ store, input: { ...input, variants: [{ ...variant, stages: once }] } });
    expect(names("metrics-main")).toEqual(["vae"]);
    expect(variants("item-errors-distribution")).toEqual(["vae"]);
    expect(names("trainings")).toEqual(["vae · pretrain", "vae · finetune"]);
  });

  it("that drew a kind of chart with other options have a chart each", async () => {
    const { input, store, variant } = await twice();
    const figures = fetchArtifact(store, "figures", artifactsOf(variant).figures as string);
    const charts = figures.charts.map((figure) =>
      figure.kind === "item-errors" ? { ...figure, options: { ...figure.options, other: true } } : figure,
    );
    const { digest } = storeArtifact(store, "figures", { charts });
    const stages = variant.stages.map((one) =>
      one.name === "redraw" ? { ...one, outputs: [{ name: "figures", kind: "figures", digest }] } : one,
    );
    const { page, variants } = await read({ store, input: { ...input, variants: [{ ...variant, stages }] } });
    expect(variants("item-errors-distribution")).toEqual(["vae · measure"]);
    expect(variants("item-errors-2-distribution")).toEqual(["vae · again"]);
    expect(page.sections.map(({ id }) => id)).toEqual(expect.arrayContaining(["item-errors", "item-errors-2"]));
  });

  it("show the epochs of the one that failed beside the other's", async () => {
    const { input, store, variant } = await twice();
    const history = fetchArtifact(store, "history", artifactsOf(variant).history as string) as History;
    const stages = variant.stages
      .slice(0, 7)
      .map((one) =>
        one.name === "finetune"
          ? { ...one, status: "failed" as const, outputs: [], partialHistory: [{ train: { loss: 77 } }] }
          : one,
      );
    const failed = { ...variant, status: "failed" as const, stages };
    const { page, variants } = await read({ store, input: { ...input, variants: [failed] } });
    const answer = page.sections.find(({ id }) => id === "answer")?.text.join(" ");
    expect(answer).toContain("Its first epoch is shown.");
    expect(variants("loss-curves")).toEqual(["vae · pretrain", "vae · finetune"]);
    expect(page.datasets["loss-curves"]?.loss).toContain(77);
    expect(history.epochs).toBeGreaterThan(1);
  });

  it("tell of each training that was stopped how far it came", async () => {
    const { input, store, variant } = await twice();
    const epochs = { pretrain: [{ train: { loss: 9 } }, { train: { loss: 8 } }], finetune: [{ train: { loss: 7 } }] };
    const stages = variant.stages.slice(0, 7).map((one) => {
      const partialHistory = own(epochs, one.name);
      return partialHistory ? { ...one, status: "interrupted" as const, outputs: [], partialHistory } : one;
    });
    const stopped = { ...variant, status: "interrupted" as const, stages };
    const { page, variants } = await read({ store, input: { ...input, variants: [stopped] } });
    const answer = page.sections.find(({ id }) => id === "answer")?.text.join(" ");
    expect(answer).toContain("The first epochs are shown: 2 of pretrain, 1 of finetune.");
    expect(variants("loss-curves")).toEqual(expect.arrayContaining(["vae · pretrain", "vae · finetune"]));
  });
});
