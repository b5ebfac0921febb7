import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.js";
import { vegaLiteComplaint } from "../../src/report/charts/vega-lite.js";
import { defaultCharts } from "../../src/report/collect.js";
import { drawParts } from "../../src/report/parts.js";
import { tablesOf } from "../../src/spec/charts.js";
import { Complaints } from "../../src/spec/complaints.js";
import type { ModelFacts } from "../../src/spec/graph/shapes.js";
import { Source } from "../../src/spec/source.js";
import { checkVegaLite } from "../../src/spec/vega-lite/check.js";
import { columnOf, columnsRead } from "../../src/spec/vega-lite/columns.js";
import { AGGREGATES, CHANNELS, MARKS, TRANSFORMS, TYPES } from "../../src/spec/vega-lite/grammar.js";
import { shapeMistake } from "../../src/spec/vega-lite/shape.js";
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
            strokeDash: { field: "split" },
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
      "the whole row of an extreme, and a field in brackets",
      {
        data: { name: "items" },
        transform: [
          { aggregate: [{ op: "argmax", field: "loss", as: "worst" }], groupby: ["class"] },
          { calculate: "datum.worst.loss", as: "the loss" },
        ],
        mark: "bar",
        encoding: { x: { field: "['class']" }, y: { field: "[the loss]" }, tooltip: { field: "worst.item" } },
      },
    ],
    [
      "tables of its own",
      { datasets: { mine: [{ a: 1 }] }, data: { name: "mine" }, mark: "bar", encoding: { x: { field: "a" } } },
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
      const { charts, page } = await drawParts(fixture.input, fixture.store);
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

const nowhere = {
  root: { type: "map", entries: new Map(), at: { source: new Source("a", "/", ""), start: 0, end: 0 } },
  path: [],
  uses: [],
} as const;

/** What `tablesOf` asks of a model. */
function modelOf(family: "variational-autoencoder" | "sequential"): ModelFacts {
  const target = family === "sequential" ? { column: null } : { input: "input" };
  const output = { name: "reconstruction", node: "last", shape: [2], head: null, target, place: nowhere, end: nowhere };
  return { inputs: [], outputs: [output], takesBytes: false, terms: family === "sequential" ? [] : ["kl"] };
}

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
      const { page } = await drawParts(fixture.input, fixture.store);
      const tables = tablesOf(everything, modelOf(family));
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

describe("keys and values that Vega-Lite's schema does not have", () => {
  const x = (definition: JsonObject, more: JsonObject = {}): JsonObject => ({
    data: { name: "history" },
    mark: "line",
    encoding: { x: { field: "epoch", ...definition }, y: { field: "loss" } },
    ...more,
  });
  it.each<[JsonObject, readonly (string | number)[], string]>([
    [x({ feild: "loss" }), ["encoding", "x"], "feild"],
    [x({ scal: { type: "log" } }), ["encoding", "x"], "scal"],
    [x({ scale: { typo: "log" } }), ["encoding", "x", "scale"], "typo"],
    [x({ axis: { fromat: ".2f" } }), ["encoding", "x", "axis"], "fromat"],
    [x({ scale: { type: "logg" } }), ["encoding", "x", "scale", "type"], "log"],
    [x({ stack: "zeroo" }), ["encoding", "x", "stack"], "zero"],
    [x({ bin: "binnd" }), ["encoding", "x", "bin"], "binned"],
    [x({ sort: "descendin" }), ["encoding", "x", "sort"], "descending"],
    [x({}, { mark: { type: "line", poiint: true } }), ["mark"], "poiint"],
    [x({}, { mark: 3 }), ["mark"], "line"],
    [x({}, { trasnform: [] }), [], "trasnform"],
    [x({}, { transform: [{ regression: "loss", on: "epoch", method: "cubic" }] }), ["transform", 0, "method"], "poly"],
    [x({}, { transform: [{ calculate: "datum.loss" }] }), ["transform", 0], "as"],
    [x({}, { transform: [{ filter: { field: "loss", equall: 1 } }] }), ["transform", 0, "filter"], "equall"],
    [x({}, { transform: { filter: "true" } }), ["transform"], "a list"],
    [x({}, { params: [{ name: "p", select: { type: "pointt" } }] }), ["params", 0, "select", "type"], "point"],
    [x({}, { data: { nam: "history" } }), ["data"], "nam"],
    [{ mark: "line", encoding: { x: { field: "epoch" } } }, [], "data"],
    [{ data: { name: "history" }, encoding: {} }, [], "mark"],
    [
      { data: { name: "history" }, layer: [{ mark: "line", encoding: { x: "loss" } }] },
      ["layer", 0, "encoding", "x"],
      "a mapping",
    ],
  ])("are told with their place: %j", (spec, path, word) => {
    const mistake = shapeMistake(spec);
    expect(mistake?.path).toEqual(path);
    expect([mistake?.unknown, ...(mistake?.words ?? []), ...(mistake?.types ?? [])]).toContain(word);
    expect(complaintsAbout(spec)).toHaveLength(1);
  });

  it("and what Vega finds only in drawing is told in its words", async () => {
    expect(await vegaLiteComplaint(x({ axis: { format: ".2q2" } }))).toEqual({
      severity: "error",
      words: "invalid format: .2q2",
    });
    const unknown = await vegaLiteComplaint(x({}, { transform: [{ filter: "foo(datum.loss)" }] }));
    expect(unknown).toEqual({ severity: "error", words: expect.stringContaining("foo") });
    expect(await vegaLiteComplaint(x({ type: "quantitative" }))).toBeNull();
  });

  it("and names of repetitions that are not there", () => {
    const repeated = (name: string): JsonObject => x({ field: { repeat: name } });
    const { data, ...spec } = repeated("column") as { data: JsonObject };
    expect(complaintsAbout(repeated("column"))).toEqual(["there is no repetition `column` here"]);
    expect(complaintsAbout({ data, repeat: { row: ["loss"] }, spec })).toEqual([
      "there is no repetition `column` here",
    ]);
    expect(complaintsAbout({ data, repeat: ["loss"], spec })).toEqual(["there is no repetition `column` here"]);
    expect(complaintsAbout({ data, repeat: { column: ["loss"] }, spec })).toEqual([]);
  });

  it("are looked for by all the keywords that the schema uses", () => {
    const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
    const used = new Set<string>();
    const visit = (rule: unknown): void => {
      if (Array.isArray(rule)) rule.forEach(visit);
      if (typeof rule !== "object" || rule === null || Array.isArray(rule)) return;
      for (const [keyword, value] of Object.entries(rule)) {
        used.add(keyword);
        if (keyword === "properties" || keyword === "definitions") Object.values(value as object).forEach(visit);
        else if (keyword !== "enum" && keyword !== "const") visit(value);
      }
    };
    visit(JSON.parse(readFileSync(path, "utf8")));
    const read =
      "$ref definitions anyOf type enum const properties additionalProperties required items minimum maximum";
    const sizes = "minLength maxLength minItems maxItems minProperties";
    expect([...used].sort()).toEqual([...`${read} ${sizes} $schema description format`.split(" ")].sort());
  });
});
