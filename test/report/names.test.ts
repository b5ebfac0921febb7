/** Whatever users call their variants, classes and params: the report says it as they wrote it, and stands. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChartRequest, defaultCharts } from "../../src/report/collect.js";
import { exportReport, renderReport } from "../../src/report/index.js";
import type { MachineReadable } from "../../src/report/machine-readable.js";
import { drawParts } from "../../src/report/parts.js";
import { makeClassifiers } from "./classifiers.js";
import { type Fixture, makeFixture, together } from "./fixture.js";

/** Members of every object, and words of languages that a report is made with. */
const RESERVED = ["if", ...Object.getOwnPropertyNames(Object.prototype), "undefined", "NaN"];
const STRANGE = [
  `"quoted" 'twice' \`and\` \\`,
  "</script><!-- <b>&amp;",
  "a.b[0]['c'].d",
  "зима 冬 חורף ❄️👩‍👩‍👧",
  "line\nand\u2028line\u2029and tab\t",
  "${params.x} {{y}} %s $& var(--ink)",
  "bell \u0007 \u0000 \u001b[31m \ufffe end",
  "x".repeat(300),
  " ",
];

/** A chart of a user's, with all that Vega keeps groups for. */
const GROUPED = (names: readonly string[]): ChartRequest => ({
  kind: "vega-lite",
  named: true,
  options: {
    title: names[0] as string,
    description: "",
    spec: {
      data: { name: "history" },
      transform: [
        { filter: `datum.variant === '${names[0]}' || datum.variant === "${names[1]}"` },
        { joinaggregate: [{ op: "max", field: "loss", as: "highest" }], groupby: ["variant"] },
        { window: [{ op: "rank", as: "place" }], groupby: ["variant"], sort: [{ field: "loss" }] },
      ],
      mark: "bar",
      encoding: {
        x: { aggregate: "sum", field: "loss", stack: "zero", title: names[1] as string },
        y: { field: "place", type: "ordinal" },
        color: { field: "variant", scale: { domain: [...names] } },
        opacity: { field: "highest", type: "quantitative", aggregate: "max" },
        row: { field: "variant", sort: [...names] },
      },
    },
  },
});

async function variants(names: readonly [string, string]): Promise<Fixture> {
  const charts = [...defaultCharts(), GROUPED(names)];
  return makeFixture(
    [
      { name: names[0], draw: "a", hidden: 5, offset: 2, charts },
      { name: names[1], draw: "b", hidden: 4, charts },
    ],
    { baseline: names[1] },
    { train: 40, test: 30 },
  );
}

function classifiers(names: readonly [string, string], classes: readonly string[] | null): Promise<Fixture> {
  const made = names.map((name, i) => ({ name, draw: `${i}`, hidden: 5 + i, margin: 2 + i }));
  return makeClassifiers(made, 60, 1, classes);
}

/** Every picture and table, with other names in place of those that it was made with. */
async function drawn(fixture: Fixture, names: ReadonlyMap<string, string>): Promise<string> {
  const { charts, sections } = await drawParts(fixture.input, fixture.store);
  const pictures = [...charts].map(([id, { svg, warnings }]) => [id, svg, warnings]);
  const words = new RegExp(`(?<![-\\w.])(${[...names.keys()].join("|")})(?![-\\w])`, "g");
  return JSON.stringify([pictures, sections]).replace(words, (word) => names.get(word) ?? word);
}

/** Other words of the same lengths. */
function plainNames(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.map((word, i) => [word, String.fromCharCode(0x4e00 + i).repeat(word.length)]));
}

async function expectSame(reserved: Fixture, plain: Fixture, names: ReadonlyMap<string, string>): Promise<void> {
  const [mine, theirs] = [await drawn(reserved, names), await drawn(plain, new Map([["\0", ""]]))];
  const apart = [...mine].findIndex((letter, i) => letter !== theirs[i]);
  // Only the place where they part: each is half a megabyte.
  const around = (text: string) => (apart < 0 ? text.length : text.slice(Math.max(0, apart - 150), apart + 50));
  expect(around(mine)).toBe(around(theirs));
}

describe("reserved words", () => {
  it("make the same drawings of autoencoders as any others", async () => {
    const names = plainNames(["toString", "if"]);
    const own = await variants(["toString", "if"]);
    await expectSame(own, await variants([...names.values()] as [string, string]), names);
  });

  it("make the same drawings of classifiers and their classes as any others", async () => {
    // Longer ones are cut in drawings.
    const short = RESERVED.filter((word) => word.length < 18);
    for (let from = 0; from < short.length; from += 9) {
      const words = short.slice(from, from + 9);
      const names = plainNames(words);
      const make = (all: readonly string[]) => {
        const classes = Array.from({ length: 10 }, (_, c) => all[2 + c] ?? `class ${c}`);
        return classifiers([all[0] as string, all[1] ?? "other"], classes);
      };
      await expectSame(await make(words), await make([...names.values()]), names);
    }
  });
});

describe("any name", () => {
  it("stands in the page and in every export as it was written, and as text", async () => {
    const name = fc.oneof(
      fc.constantFrom(...RESERVED, ...STRANGE),
      fc.string({ minLength: 1, maxLength: 20, unit: "binary" }).filter((text) => !/\p{Surrogate}/u.test(text)),
    );
    const property = fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 12, maxLength: 12 }),
      async ([first, second, ...classes]) => {
        const fixture = await classifiers([first as string, second as string], classes);
        const html = new TextDecoder().decode(await renderReport(fixture.input, fixture.store));
        const text = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
        const data = JSON.parse(text) as MachineReadable;
        expect(data.variants.map((variant) => (variant as { name: string }).name)).toEqual([first, second]);
        expect(data.tables["metrics-main"]?.rows.map(([label]) => label)).toEqual([first, second]);
        expect(data.tables["data-card-classes-data"]?.rows.map(([label]) => label)).toEqual(classes);
        expect(html.match(/<script>/g)).toHaveLength(3);
        for (const format of ["csv", "md"] as const) {
          expect((await exportReport(fixture.input, fixture.store, format)).ok).toBe(true);
        }
      },
    );
    await fc.assert(property, { numRuns: 4, seed: 7 });
  });
});

describe("names with characters that XML cannot hold", () => {
  it("are drawn with a sign in their place", async () => {
    const fixture = await classifiers(["a\u0007b", "c\ufffe"], ["nul \u0000", "\u001b[31mred", "x"]);
    const svg = await exportReport(fixture.input, fixture.store, "svg");
    expect(svg.ok).toBe(true);
    for (const { content } of svg.ok ? svg.value : []) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(new TextDecoder().decode(content)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    }
    expect((await exportReport(fixture.input, fixture.store, "png")).ok).toBe(true);
  });
});

describe("classes of one name", () => {
  it("are told apart by their numbers", async () => {
    const classes = ["a", "a", "b", "a (1)", "b", "c", "d", "e", "f", "g"];
    const fixture = await classifiers(["one", "two"], classes);
    const { charts } = await drawParts(fixture.input, fixture.store);
    const rows = charts.get("data-card-classes")?.block.table?.rows ?? [];
    expect(rows.map(([label]) => label)).toEqual([
      "a (0)",
      "a (1)′",
      "b (2)",
      "a (1)",
      "b (4)",
      "c",
      "d",
      "e",
      "f",
      "g",
    ]);
    await renderReport(fixture.input, fixture.store);
  });
});

describe("the same items under other names of their classes", () => {
  it("are drawn in the names of each variant", async () => {
    const charts = [{ kind: "latent-scatter", options: { points: 100 }, named: true }];
    const own = { hidden: 4, charts };
    const sizes = { train: 40, test: 30 };
    const words = Array.from({ length: 10 }, (_, c) => `word ${c}`);
    const digits = await makeFixture([{ name: "digits", ...own }], {}, sizes);
    const fixture = together([
      digits,
      await makeFixture([{ name: "words", ...own }], {}, { ...sizes, classes: words }),
    ]);
    const { charts: drawn, page } = await drawParts(fixture.input, fixture.store);
    expect(new Set(page.datasets["latent-scatter"]?.class)).toEqual(new Set("0123456789"));
    expect(new Set(page.datasets["latent-scatter"]?.class1)).toEqual(new Set(words));
    // One stroke a class of many points: none of them is drawn in no colour.
    for (const id of ["latent-scatter-0", "latent-scatter-1"]) {
      const svg = drawn.get(id)?.svg as string;
      expect(svg.match(/stroke="null"|fill="null"|fill="undefined"/)).toBeNull();
      expect(new Set(svg.match(/#(3f90da|ffa90e|bd1f01|94a4a2|832db6|a96b59|e76300|b9ac70|717581|92dadd)/g)).size).toBe(
        10,
      );
    }
  });
});
