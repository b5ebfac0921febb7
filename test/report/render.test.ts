import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import type { ExportedFile } from "../../src/base/exported.js";
import { defaultCharts } from "../../src/report/collect.js";
import type { ExportFormat } from "../../src/report/export.js";
import { exportReport, renderReport } from "../../src/report/index.js";
import { chartOfKind } from "../../src/report/kinds.js";
import { looksOf } from "../../src/report/looks.js";
import type { MachineReadable } from "../../src/report/machine-readable.js";
import { drawParts } from "../../src/report/parts.js";
import type { ReportVariant } from "../../src/report/types.js";
import { makeClassifiers } from "./classifiers.js";
import {
  artifactsOf,
  type Fixture,
  makeFixture,
  reportInput,
  stageInput,
  twoVariants,
  variantInput,
  withArtifacts,
} from "./fixture.js";

const MISCHIEF = "</script><img src=x onerror=alert(1)>";
let two: Fixture;
let classifiers: Fixture;

beforeAll(async () => {
  two = await makeFixture();
  classifiers = await makeClassifiers();
});

async function page({ input, store }: Fixture): Promise<string> {
  return new TextDecoder().decode(await renderReport(input, store));
}

function dataOf(html: string): MachineReadable {
  const text = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
  return JSON.parse(text) as MachineReadable;
}

describe("the page", () => {
  it("has the same bytes for the same input", async () => {
    expect(await page(two)).toBe(await page(two));
    const again = await makeFixture();
    expect(await page(again)).toBe(await page(two));
  });

  it("stays within its size", async () => {
    expect((await page(two)).length).toBeLessThan(3_000_000);
  });

  it("allows its own scripts and style by their hashes, and nothing else", async () => {
    const html = await page(two);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    expect(policy).toContain("default-src &#39;none&#39;");
    expect(policy).not.toContain("unsafe");
    expect(html).not.toMatch(/ style="/);
    expect(html).not.toMatch(/ on\w+="/);
    expect(html.match(/<script>/g)).toHaveLength(3);
  });

  it("names every number of the store: metrics, per variant and split", async () => {
    const html = await page(two);
    const table = dataOf(html).tables["metrics-all"];
    for (const [i, variant] of two.input.variants.entries()) {
      const metrics = fetchArtifact(two.store, "metrics", artifactsOf(variant).metrics as string);
      for (const [split, values] of Object.entries(metrics.splits)) {
        for (const [metric, value] of Object.entries(values)) {
          const row = table?.rows.find((each) => each[0] === metrics.about[metric]?.label && each[1] === split);
          expect(row?.[3 + i]).toBe(value);
        }
      }
    }
  });

  it("shows text as text wherever it comes from", async () => {
    const fixture = await makeFixture([{ ...twoVariants[1]!, name: MISCHIEF, description: MISCHIEF }], {
      name: MISCHIEF,
      question: MISCHIEF,
      description: MISCHIEF,
      baseline: MISCHIEF,
    });
    const html = await page(fixture);
    expect(html).not.toContain("<img src=x");
    expect(dataOf(html).experiment.question).toBe(MISCHIEF);
  });

  it("has a picture and, where that says more, a table for every chart, without any script", async () => {
    for (const fixture of [two, classifiers]) {
      const html = await page(fixture);
      for (const id of Object.keys(dataOf(html).charts)) {
        const figure = html.slice(html.indexOf(`id="${id}" data-chart`)).split("</figure>")[0] ?? "";
        expect(figure, id).toContain('<svg role="img" aria-label=');
      }
    }
  });

  it("gives programs what stands small under a value, and the YAML of every variant", async () => {
    const { tables, variants } = dataOf(await page(two));
    const { columns, rows } = tables["metrics-main"]!;
    const note = columns.findIndex(({ label }) => label === "Best test loss: note");
    expect(rows.map((row) => row[note])).toEqual([
      expect.stringMatching(/^epoch \d+$/),
      expect.stringMatching(/^epoch/),
    ]);
    expect(columns.some(({ label }) => label.startsWith("Difference to") && label.endsWith(": note"))).toBe(true);
    expect(JSON.stringify(variants[0])).toContain("resolvedYaml");
  });

  it("keeps the colours of a pair, and gives the first ones to the baseline and the best where there are many", () => {
    const names = Array.from({ length: 20 }, (_, i) => `v${i}`);
    const [a, b] = looksOf(["vae-64", "vae-16"], "vae-16", [0, 1]);
    expect([a?.color, b?.color]).toEqual(["#0072b2", "#d55e00"]);
    const ranking = [19, 12, 5, 3, 10, 1, 17, ...names.keys()].filter((each, i, all) => all.indexOf(each) === i);
    const looks = looksOf(names, "v0", ranking);
    expect(new Set([0, 19, 12, 5, 3, 10, 1].map((i) => looks[i]?.color)).size).toBe(7);
    expect(new Set(looks.map(({ color, shape }) => `${color} ${shape}`)).size).toBe(20);
  });

  it("has every id once", async () => {
    for (const fixture of [two, classifiers]) {
      const ids = [...(await page(fixture)).matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
      expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    }
  });
});

describe("charts", () => {
  const schema = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json"), "utf8"),
  );
  const valid = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true }).compile(schema);

  it("are right by Vega-Lite's own schema, and compile without a warning", async () => {
    for (const fixture of [two, classifiers]) {
      const { charts } = await drawParts(fixture.input, fixture.store);
      expect(charts.size).toBeGreaterThan(8);
      for (const [id, { block, warnings }] of charts) {
        for (const spec of [block.spec, ...(block.toggle ? [block.toggle.spec] : [])]) {
          expect(valid(spec) || valid.errors?.slice(0, 3), id).toBe(true);
        }
        expect(warnings, id).toEqual([]);
      }
    }
  });

  it("have both halves, a title and a group of their own", () => {
    for (const { kind } of defaultCharts()) {
      const chart = chartOfKind(kind);
      expect(chart?.kind).toBe(kind);
    }
    expect(defaultCharts().some(({ kind }) => kind === "vega-lite")).toBe(false);
  });

  it("of a kind that does not fit are left out, unless they were asked for", async () => {
    const html = await page(classifiers);
    expect(html).not.toContain('<section id="decoder-grid"');
    expect(html).toContain('<section id="confusion"');
    const options = defaultCharts().find(({ kind }) => kind === "confusion")!.options;
    const asked = await makeFixture([{ ...twoVariants[0]!, charts: [{ kind: "confusion", options, named: true }] }]);
    expect(await page(asked)).toContain("the model does not classify");
  });

  it("can be written in YAML over the tables of the run", async () => {
    const spec = {
      data: { name: "history" },
      mark: "line",
      encoding: {
        x: { field: "epoch", type: "quantitative" },
        y: { field: "loss", type: "quantitative" },
        color: { field: "variant", type: "nominal" },
      },
    };
    const own = (written: object) => [
      { kind: "vega-lite", options: { title: "My curves", description: "", spec: written as never }, named: true },
    ];
    const fixture = await makeFixture([{ ...twoVariants[0]!, charts: own(spec) }]);
    const data = dataOf(await page(fixture));
    expect(data.datasets.history?.epoch).toHaveLength(40);
    expect(data.charts["vega-lite-chart"]?.spec).toEqual(spec);

    for (const [wrong, why] of [
      [{ ...spec, data: { name: "nothing" } }, "there is no table nothing"],
      [{ ...spec, data: { url: "file:///etc/hostname" } }, "a chart reads the tables of its run only"],
      [{ ...spec, mark: "lien" }, "Vega-Lite does not take the specification"],
      [{ ...spec, transform: [{ filter: "datum.(" }] }, "Vega-Lite does not take the specification"],
    ] as const) {
      expect(await page(await makeFixture([{ ...twoVariants[0]!, charts: own(wrong) }]))).toContain(why);
    }
  });
});

describe("descriptions", () => {
  it("stand once where all variants have the same", async () => {
    const describedAs = (...texts: string[]) =>
      page({
        ...two,
        input: {
          ...two.input,
          variants: two.input.variants.map((variant, i) => ({ ...variant, description: texts[i] as string })),
        },
      });
    expect((await describedAs("of one kind", "of one kind")).match(/<p class="question">of one kind/g)).toHaveLength(1);
    expect((await describedAs("one", "two")).match(/<\/b>: (one|two)<\/li>/g)).toHaveLength(2);
  });
});

describe("many variants", () => {
  it("fit into ten megabytes, the best ones drawn", async () => {
    const [first, second] = two.input.variants as [ReportVariant, ReportVariant];
    const variants = Array.from({ length: 50 }, (_, i) => {
      const { name: _name, ...rest } = i % 2 === 0 ? first : second;
      return { ...rest, name: `v${i}`, params: { ...rest.params, hidden: i } };
    });
    const html = await page({ ...two, input: reportInput(variants, { baseline: "v1" }) });
    expect(html.length).toBeLessThan(10_000_000);
    expect(html).toContain("The baseline and the best variants are drawn; left out:");
    expect(dataOf(html).tables["metrics-main"]?.rows).toHaveLength(50);
    // The folded rows are the worse ones.
    expect(dataOf(html).tables["metrics-main"]?.rows[0]?.[0]).toBe("v0");
    expect(dataOf(html).tables["metrics-main"]?.rows[25]?.[0]).toBe("v1");
  });
});

describe("provenance", () => {
  it("says what all share once, and the rest of each", async () => {
    const { provenance, variants } = two.input;
    const [first, second] = variants as [ReportVariant, ReportVariant];
    const other = { ...second, seed: 2, provenance: { ...provenance, command: "pipe run elsewhere.yaml" } };
    const rows = async (shown: readonly ReportVariant[]) => {
      const { sections } = await drawParts({ ...two.input, variants: shown }, two.store);
      const [table] = sections.at(-1)?.blocks ?? [];
      return table?.type === "table" ? table.table.rows : [];
    };
    expect(await rows([first, second])).toContainEqual(["seed", "1"]);
    const parted = await rows([first, other]);
    expect(parted).toContainEqual(["command of vae-64", provenance.command]);
    expect(parted).toContainEqual(["command of vae-16", "pipe run elsewhere.yaml"]);
    expect(parted).toContainEqual(["seed of vae-16", "2"]);
    expect(parted).toContainEqual(["engine", "wasm 4.22.0"]);
  });
});

describe("incomplete runs", () => {
  it("draws what a failed variant left, and says why it failed", async () => {
    const failed = {
      ...variantInput({ name: "broken", hidden: 8 }),
      status: "failed" as const,
      stages: [
        stageInput("normalize"),
        stageInput("train", {
          status: "failed",
          fingerprint: null,
          diagnostics: [
            {
              code: "loss-not-finite",
              severity: "error" as const,
              message: "the loss became NaN",
              fix: "Lower the learning rate",
            },
          ],
          partialHistory: [
            { train: { loss: 200, kl: 3 }, test: { loss: 198, kl: 3 } },
            { train: { loss: 170, kl: 4 }, test: { loss: Number.NaN, kl: 4 } },
          ],
        }),
      ],
    };
    const html = await page({ ...two, input: { ...two.input, variants: [...two.input.variants, failed] } });
    expect(html).toContain("broken failed in stage train.");
    expect(html).toContain("The loss became NaN. Lower the learning rate. Its first 2 epochs are shown.");
    expect(dataOf(html).datasets["loss-curves"]?.variant).toContain("broken");

    // Data that all variants saw has one card, however far they came.
    const { dataset = "" } = artifactsOf(two.input.variants[0]!);
    const stopped = withArtifacts(failed, { dataset });
    const variants = [...two.input.variants, stopped];
    const { sections } = await drawParts({ ...two.input, variants }, two.store);
    const cards = sections.find(({ id }) => id === "data-card")?.blocks ?? [];
    expect(cards.some((block) => block.type === "text" || block.type === "group")).toBe(false);

    const alone = await page({ ...two, input: reportInput([failed]) });
    expect(alone).toContain("No variant has been measured");
    expect(alone).toContain('<section id="loss-curves"');
  });

  it("speaks of the split and the unit that there are", async () => {
    const { input, store } = await makeFixture([twoVariants[0]!]);
    const [variant] = input.variants as [ReportVariant];
    const history = fetchArtifact(store, "history", artifactsOf(variant).history as string);
    const metrics = fetchArtifact(store, "metrics", artifactsOf(variant).metrics as string);
    const loss = { label: "Loss", unit: "", better: "lower" as const };
    const trained = {
      history: storeArtifact(store, "history", { ...history, splits: { train: history.splits.train! } }).digest,
      metrics: storeArtifact(store, "metrics", { splits: { train: metrics.splits.train! }, about: { loss } }).digest,
    };
    const { figures: _, predictions: __, ...rest } = artifactsOf(variant);
    const variants = [withArtifacts(variant, { ...rest, ...trained })];
    const { charts, sections } = await drawParts({ ...input, variants }, store);
    const { block, warnings } = charts.get("loss-curves-loss")!;
    expect(warnings).toEqual([]);
    expect(JSON.stringify(block.spec)).toContain('"domain":["train"]');
    expect(JSON.stringify(block.spec)).not.toContain("nats");
    const [answer, measured] = sections;
    expect(JSON.stringify(answer)).toContain("nothing here says how the models do on new data");
    expect(JSON.stringify(measured)).not.toContain("Best");

    const known = await drawParts(two.input, two.store);
    expect(JSON.stringify(known.charts.get("loss-curves-loss")?.block.spec)).toContain("Loss (nats/example)");
    expect(JSON.stringify(known.charts.get("item-errors-paired")?.block.spec)).toContain("(nats/example)");
  });

  it("takes no variants' results at all, a single variant, unequal epochs and missing values", async () => {
    const empty = { ...variantInput({ name: "nothing", hidden: 1 }), status: "interrupted" as const };
    expect(await page({ ...two, input: reportInput([empty]) })).toContain("nothing was interrupted");
    expect(await page(await makeFixture([{ ...twoVariants[0]!, epochs: 1 }]))).toContain("nothing to compare it with");
    const unequal = await makeFixture([{ ...twoVariants[0]!, epochs: 3 }, twoVariants[1]!]);
    const history = fetchArtifact(unequal.store, "history", artifactsOf(unequal.input.variants[0]!).history as string);
    const holes = { ...history, splits: { train: { loss: [null, 3, null] } } };
    const digest = storeArtifact(unequal.store, "history", holes).digest;
    const [first, second] = unequal.input.variants;
    const { figures: _, metrics: __, ...rest } = artifactsOf(first!);
    const variants = [withArtifacts(first!, { ...rest, history: digest }), second!];
    expect(await page({ ...unequal, input: { ...unequal.input, variants } })).toContain('<section id="loss-curves"');
  });
});

describe("export", () => {
  async function files(format: ExportFormat): Promise<readonly ExportedFile[]> {
    const made = await exportReport(two.input, two.store, format);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    return made.value;
  }

  it("writes every table, chart and picture as a file", async () => {
    const names = async (format: ExportFormat) => (await files(format)).map(({ name }) => name);
    const csv = await names("csv");
    expect(csv).toContain("metrics-main.csv");
    expect(csv).toContain("latent-scatter.csv");
    expect(new Set(csv).size).toBe(csv.length);
    const svg = await names("svg");
    expect(svg).toEqual(expect.arrayContaining(["loss-curves-loss.svg", "architecture-0.svg"]));
    const png = await names("png");
    expect(png).toEqual(expect.arrayContaining(svg.map((name) => name.replace(/svg$/, "png"))));
    expect(png).toContain("decoder-grid-0.png");
    expect(await names("json")).toEqual(["report.json"]);
    const [markdown] = await files("md");
    const text = new TextDecoder().decode(markdown?.content);
    expect(text).toContain("## Answer");
    expect(text).toContain("| Variant |");
  });

  it("writes drawings that stand alone", async () => {
    for (const { name, content } of await files("svg")) {
      const text = new TextDecoder().decode(content);
      expect(text, name).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(text, name).not.toContain("var(");
    }
  });
});
