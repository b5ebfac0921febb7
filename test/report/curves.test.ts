import { describe, expect, it } from "vitest";
import type { EpochMetrics } from "../../src/base/event.js";
import type { JsonObject } from "../../src/base/json.js";
import { metricTitle } from "../../src/report/draw/measured.js";
import { tickFormat } from "../../src/report/format.js";
import { drawParts } from "../../src/report/parts.js";
import { compileChart, staticSvg } from "../../src/report/vega.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { makeFixture, reportInput, stageInput, twoVariants, variantInput } from "./fixture.js";

type Losses = readonly (number | null)[];

/** A report of trainings that failed after these losses. */
async function curves(variants: Readonly<Record<string, Losses>>) {
  const made = Object.entries(variants).map(([name, losses]) => {
    const partialHistory = losses.map((loss): EpochMetrics => ({ train: { loss: loss as number } }));
    const stages = [stageInput("train", { status: "failed", partialHistory })];
    return { ...variantInput({ name, hidden: 4 }), status: "failed" as const, stages };
  });
  const { charts, page, sections } = await drawParts(reportInput(made), new MemoryStore());
  const chart = charts.get("loss-curves-loss");
  if (!chart) throw new Error("no curves");
  const { toggle } = chart.block;
  const log = toggle && (await staticSvg(compileChart(toggle.spec).vega, page.datasets, "log", ""));
  const text = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])));
  return { linear: chart.svg, log, text: text.join(" ") };
}

const labels = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, label]) => label as string);
const lines = (svg: string) => [...svg.matchAll(/<path d="(M[^"Z]*L[^"Z]*)" stroke="#/g)].map(([, d]) => d as string);
const places = (line: string) =>
  line
    .split(/[ML]/)
    .slice(1)
    .map((pair) => Number(pair.split(",")[1]));

describe("a logarithmic axis", () => {
  it("has room for 0 at its lower edge, and ticks for the rest", async () => {
    const { log, text } = await curves({ zero: [0, 0, 0], large: [590_299, 59_029.9, 5902.99] });
    expect(text).toContain("values of 0 and below stand at its lower edge");
    const [zero, large] = lines(log as string).map(places) as [number[], number[]];
    expect(zero).toEqual([280, 280, 280]);
    expect(large).toEqual([0, expect.closeTo(140, 0), 280]);
    expect(labels(log as string)).toEqual(expect.arrayContaining(["10,000", "100,000"]));
  });

  it("is not offered where nothing is above 0", async () => {
    expect((await curves({ below: [0, -1, -2] })).log).toBeUndefined();
  });

  it("reaches over a line that does not fall", async () => {
    const { log } = await curves({ flat: [7, 7] });
    expect(places(lines(log as string)[0] as string)).toEqual([140, 140]);
  });
});

describe("ticks", () => {
  it.each([
    [[0, 590_299], "linear", ",.3~r"],
    [[100.0001, 100.0005], "linear", ",.9~r"],
    [[1e-9, 1e-3], "log", ".3~e"],
    [[1e-9, 145], "linear", ",.4~r"],
    [[0, 3e9], "linear", ".2~e"],
    [[], "linear", ",.3~r"],
    [[0, 0], "log", ",.3~r"],
  ] as const)("of %j on a %s axis are written as %s", (values, scale, format) => {
    expect(tickFormat(values, scale)).toBe(format);
  });

  it.each([
    [[590_299, 0.1, 0.3]],
    [[1.2e5, 1.3e5]],
    [[0.1 + 0.2, 0.7]],
    [[1e-7, 3e-7]],
    [[1e12, 2e12, 1e5]],
    [[0.00012, 0.00013]],
  ])("of %j are short, and differ", async (losses) => {
    const { linear, log } = await curves({ a: losses });
    for (const svg of [linear, log as string]) {
      const ticks = labels(svg).filter((label) => /^[\d,.e+−-]+$/.test(label) && !/^[123]$/.test(label));
      expect(ticks.length).toBeGreaterThan(1);
      for (const tick of ticks) expect(tick.length).toBeLessThan(10);
      expect(new Set(ticks).size).toBe(ticks.length);
    }
  });
});

describe("a training that was not finished", () => {
  it("has a mark where it ended, after one epoch too", async () => {
    const { linear, text } = await curves({ diverged: [150, null, null], other: [150, 140, 130] });
    expect(text).toContain("A cross is where a training ended");
    expect(labels(linear).filter((label) => label === "×")).toHaveLength(2);
    // The line of one epoch is a point.
    expect(linear).toMatch(/<path transform="translate\(0,[\d.]+\)" d="M3\.\d+,0A/);
    expect(labels(linear)).toEqual(expect.arrayContaining(["diverged", "other"]));
  });

  it("without any value is said, and has no place in the legend", async () => {
    const { linear, text } = await curves({ nothing: [null, null], other: [150, 140] });
    expect(text).toContain("Without a value that can be drawn: nothing.");
    expect(labels(linear)).not.toContain("nothing");
  });
});

describe("trainings with another kind of loss", () => {
  const charts = [{ kind: "loss-curves", options: {}, named: true }];
  const losses = [{ reconstruction: { "binary-crossentropy": {} } }, { reconstruction: { "mean-squared-error": {} } }];

  it("have a chart of their own, with axes of its own", async () => {
    const variants = twoVariants.map((variant, i) => ({ ...variant, charts, loss: losses[i] as JsonObject }));
    const { input, store } = await makeFixture(variants);
    const { charts: drawn } = await drawParts(input, store);
    const [first, second] = ["loss-curves-loss", "loss-curves-loss-2"].map((id) => drawn.get(id));
    expect(first?.block.title).toBe("Loss per epoch: vae-64");
    expect(second?.block.title).toBe("Loss per epoch: vae-16");
    const filter = (variant: string) => ({ filter: { field: "variant", oneOf: [variant] } });
    expect(second?.block.spec).toMatchObject({ transform: [filter("vae-16")] });
    // What is no loss stays together.
    expect(drawn.get("loss-curves-kl")?.block.title).toBe("KL divergence per epoch");
  });

  it("stay together where only settings or weights differ", async () => {
    const { input, store } = await makeFixture(twoVariants.map((variant) => ({ ...variant, charts })));
    const { charts: drawn } = await drawParts(input, store);
    expect(drawn.get("loss-curves-loss")?.block.title).toBe("Loss per epoch");
    expect(drawn.has("loss-curves-loss-2")).toBe(false);
  });
});

describe("a metric of one of several outputs", () => {
  it("is called after it", () => {
    expect(metricTitle("digit.loss")).toBe("Loss of digit");
    expect(metricTitle("digit.topK")).toBe("topK of digit");
    expect(metricTitle("reconstruction")).toBe("Reconstruction error");
  });

  it("that is all of the loss is not drawn a second time", async () => {
    const metrics = { loss: 2, reconstruction: 2, accuracy: 0.5 };
    const partialHistory: EpochMetrics[] = [{ train: metrics }, { train: metrics }];
    const stages = [stageInput("train", { status: "failed", partialHistory })];
    const failed = { ...variantInput({ name: "it", hidden: 4 }), status: "failed" as const, stages };
    const { charts } = await drawParts(reportInput([failed]), new MemoryStore());
    expect([...charts.keys()]).toEqual(["loss-curves-loss", "loss-curves-accuracy"]);
  });
});
