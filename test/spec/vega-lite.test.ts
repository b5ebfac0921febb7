import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.js";
import { defaultCharts } from "../../src/report/collect.js";
import { drawParts } from "../../src/report/parts.js";
import { tablesOf } from "../../src/spec/charts.js";
import { Complaints } from "../../src/spec/complaints.js";
import { checkVegaLite } from "../../src/spec/vega-lite/check.js";
import { columnOf, columnsRead } from "../../src/spec/vega-lite/columns.js";
import { AGGREGATES, CHANNELS, MARKS, TRANSFORMS, TYPES } from "../../src/spec/vega-lite/grammar.js";
import { makeClassifiers } from "../report/classifiers.js";
import { makeFixture, twoVariants } from "../report/fixture.js";

const everything = new Set(["history", "metrics", "predictions"]);

function complaintsAbout(spec: JsonObject, tables = tablesOf(everything, undefined)): string[] {
  const complaints = new Complaints();
  checkVegaLite(spec, tables, { complaints, place: () => ({}) });
  return complaints.list().map(({ message }) => message);
}

describe("the words of Vega-Lite", () => {
  const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
  const { definitions } = JSON.parse(readFileSync(path, "utf8")) as {
    definitions: Record<string, { enum?: string[]; const?: string; properties?: object; anyOf?: { $ref: string }[] }>;
  };
  const named = (name: string) => definitions[name.split("/").at(-1) as string];

  it("are those of its schema", () => {
    const composite = definitions.CompositeMark?.anyOf?.map(({ $ref }) => named($ref)?.const as string) ?? [];
    expect([...MARKS]).toEqual([...(definitions.Mark?.enum ?? []), ...composite].sort());
    expect([...CHANNELS]).toEqual(Object.keys(definitions.FacetedEncoding?.properties ?? {}).sort());
    expect([...TYPES].sort()).toEqual([...(definitions.StandardType?.enum ?? []), "geojson"].sort());
    expect([...AGGREGATES].sort()).toEqual([...(definitions.NonArgAggregateOp?.enum ?? [])].sort());
    const transforms =
      definitions.Transform?.anyOf?.map(({ $ref }) => Object.keys(named($ref)?.properties ?? {})) ?? [];
    expect(transforms.length).toBe(TRANSFORMS.length);
    for (const keys of transforms) expect(keys.some((key) => TRANSFORMS.includes(key))).toBe(true);
  });
});

describe("charts that are right", () => {
  const line = { mark: "line", encoding: { x: { field: "epoch" }, y: { field: "loss" } } };
  it.each<[string, JsonObject]>([
    ["a plain one", { data: { name: "history" }, ...line }],
    ["a field with a dot", { data: { values: [{ "a.b": 1 }] }, mark: "bar", encoding: { x: { field: "a\\.b" } } }],
    ["a look into a column", { data: { values: [{ a: { b: 1 } }] }, mark: "bar", encoding: { x: { field: "a.b" } } }],
    ["values without names", { data: { values: [1, 2] }, mark: "bar", encoding: { x: { field: "data" } } }],
    [
      "a fold, its names its own",
      {
        data: { name: "history" },
        transform: [{ fold: ["loss", "kl"], as: ["part", "size"] }, { filter: { field: "size", gt: 0 } }],
        mark: "line",
        encoding: { y: { field: "size", aggregate: "mean" }, color: { field: "part" }, detail: { field: "variant" } },
      },
    ],
    [
      "a pivot, after which any name may be a column",
      {
        data: { name: "metrics" },
        transform: [{ pivot: "split", value: "loss", groupby: ["variant"] }],
        mark: "point",
        encoding: { x: { field: "train" }, y: { field: "test" }, tooltip: [{ field: "variant" }] },
      },
    ],
    [
      "windows, stacks, bins, densities and regressions",
      {
        data: { name: "items" },
        transform: [
          { window: [{ op: "rank", as: "place" }], sort: [{ field: "loss" }], groupby: ["variant"] },
          { joinaggregate: [{ op: "max", field: "loss", as: "top" }] },
          { bin: true, field: "loss", as: ["from", "to"] },
          { stack: "loss", groupby: ["class"], as: ["s0", "s1"] },
          { calculate: "datum.s1 - datum.from + datum['top'] + datum.place", as: "sum" },
        ],
        hconcat: [
          { mark: "rule", encoding: { x: { field: "from" }, x2: { field: "to" }, y: { field: "sum" } } },
          {
            transform: [{ density: "loss", groupby: ["variant"] }],
            mark: "area",
            encoding: { x: { field: "value" }, y: { field: "density" }, color: { field: "variant" } },
          },
          {
            transform: [{ regression: "loss", on: "item", groupby: ["variant"] }],
            mark: "line",
            encoding: { x: { field: "item" }, y: { field: "loss" } },
          },
        ],
      },
    ],
    [
      "an encoding around layers, whose columns the layers make",
      {
        data: { name: "history" },
        encoding: { x: { field: "epoch" }, y: { field: "top" }, color: { field: "nothing" } },
        layer: [
          {
            transform: [{ aggregate: [{ op: "max", field: "loss", as: "top" }], groupby: ["epoch"] }],
            layer: [{ mark: "line", encoding: { color: { value: "red" } } }],
          },
          {
            transform: [{ regression: "loss", on: "epoch", extent: [1, 9], as: ["epoch", "top"] }],
            mark: "line",
            encoding: { color: { value: "blue" } },
          },
        ],
      },
    ],
    [
      "a lookup in another table",
      {
        data: { name: "latent" },
        transform: [{ lookup: "item", from: { data: { name: "items" }, key: "item", fields: ["loss"] } }],
        mark: "point",
        encoding: { x: { field: "z1" }, y: { field: "z12" }, color: { field: "loss" } },
      },
    ],
    [
      "a repeat, a facet and selections",
      {
        data: { name: "history" },
        repeat: { layer: ["loss", "kl"] },
        spec: {
          params: [{ name: "pick", select: { type: "point", fields: ["variant"], encodings: ["color"] } }],
          mark: { type: "line", point: true },
          encoding: {
            x: { field: "epoch", type: "quantitative" },
            y: { field: { repeat: "layer" }, type: "quantitative" },
            row: { field: "split" },
            opacity: {
              condition: [
                { param: "pick", value: 1 },
                { test: "datum.mean_loss > 1", value: 0.5 },
              ],
              value: 0.1,
            },
          },
        },
      },
    ],
    [
      "expressions with texts that look like code",
      { data: { name: "items" }, transform: [{ filter: "datum.class !== 'datum.x'" }], mark: "tick" },
    ],
  ])("pass: %s", (_, spec) => {
    expect(complaintsAbout(spec)).toEqual([]);
  });

  it("are wrong where one layer lacks a column", () => {
    const layer = [{ mark: "line" }, { transform: [{ calculate: "1", as: "top" }], mark: "point" }];
    const spec = { data: { name: "history" }, encoding: { y: { field: "top" } }, layer };
    expect(complaintsAbout(spec)).toEqual(["there is no column `top` here"]);
  });

  it("are all of the report's own", async () => {
    for (const fixture of [await makeFixture(undefined, {}, { train: 60, test: 40 }), await makeClassifiers()]) {
      const { charts, page } = await drawParts(fixture.input, fixture.shelf);
      for (const [id, { block }] of charts) {
        const spec = block.spec as JsonObject;
        const known = new Map(
          Object.entries(page.datasets).map(([name, columns]) => [name, new Set(Object.keys(columns))]),
        );
        const tables = new Map(
          [...known].map(([name, columns]) => [
            name,
            { has: (n: string) => columns.has(n), names: [...columns], open: false },
          ]),
        );
        expect([id, complaintsAbout(spec, tables as never)]).toEqual([id, []]);
      }
    }
  });
});

describe("the tables of a run", () => {
  it("have the columns that charts are checked against", async () => {
    const read = (name: string) => ({
      kind: "vega-lite",
      options: { title: name, description: "", spec: { data: { name }, mark: "point" } },
      named: true,
    });
    for (const [family, names] of [
      ["variational-autoencoder", ["history", "metrics", "items", "latent"]],
      ["sequential", ["history", "metrics", "items"]],
    ] as const) {
      const charts = [...defaultCharts().slice(0, 1), ...names.map(read)];
      const fixture =
        family === "sequential"
          ? await makeClassifiers(undefined, undefined, undefined, null, charts)
          : await makeFixture([{ ...twoVariants[0]!, charts }], {}, { train: 60, test: 40 });
      const { page } = await drawParts(fixture.input, fixture.shelf);
      const tables = tablesOf(everything, { family });
      expect([...tables.keys()]).toEqual(names);
      for (const name of names) {
        const columns = Object.keys(page.datasets[name] ?? {});
        expect(columns.length).toBeGreaterThan(2);
        expect([name, columns.filter((column) => !tables.get(name)?.has(column))]).toEqual([name, []]);
      }
    }
  });
});

describe("names", () => {
  it("are read out of fields and expressions", () => {
    expect(["a", "a.b", "a[0]", "a\\.b", "a\\[0\\]"].map(columnOf)).toEqual(["a", "a", "a", "a.b", "a[0]"]);
    expect(columnsRead(`datum.a + datum["b c"] - datum [ 'd\\'e' ] * mydatum.f + "datum.g" + datum.h.i`)).toEqual([
      "a",
      "b c",
      "d\\'e",
      "h",
    ]);
  });
});
