import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { nodeDisk } from "../../src/base/disk.js";
import { formatDiagnostic } from "../../src/base/format.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import { fakeDisk } from "./fake-disk.js";

/** Whatever the input: a result, never an exception; and what is wrong is said with a place that exists. */
const folder = join(import.meta.dirname, "../../pipelines");
const shipped = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => [join("/w", name), readFileSync(join(folder, name), "utf8")]),
);
const entry = "/w/fuzzed.yaml";

function check(content: string | Uint8Array, sets: readonly string[] = []): void {
  const disk = fakeDisk({ ...shipped, [entry]: content }, nodeDisk);
  const before = printed.length;
  // Code of a project's own that is named is asked for, and is no complaint.
  let missing = 0;
  const onMissing = () => void missing++;
  const loaded = loadExperiment([entry], { catalog: builtIn, onMissing, cwd: "/w", sets, disk });
  expect(printed.slice(before)).toEqual([]);
  const list = loaded.ok ? loaded.value.warnings : loaded.error;
  if (!loaded.ok && missing === 0) expect(list.some(({ severity }) => severity === "error")).toBe(true);
  for (const diagnostic of list) {
    expect(formatDiagnostic(diagnostic).length).toBeLessThan(20_000);
    if (!diagnostic.at) continue;
    const { line, column, length, lineText } = diagnostic.at;
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(column - 1).toBeLessThanOrEqual(lineText.length);
    expect(length).toBeGreaterThan(0);
  }
}

/** Libraries must leave the terminal to us. */
const printed: unknown[][] = [];
const spies = [
  ...(["log", "info", "warn", "error", "debug", "dir"] as const).map((name) => vi.spyOn(console, name)),
  vi.spyOn(process, "emitWarning"),
  vi.spyOn(process.stdout, "write"),
];
beforeAll(() => {
  vi.stubEnv("LOG_STREAM", "1");
  vi.stubEnv("LOG_TOKENS", "1");
  for (const spy of spies) spy.mockImplementation((...args: unknown[]) => printed.push(args) > 0);
});
afterAll(() => {
  vi.unstubAllEnvs();
  for (const spy of spies) spy.mockRestore();
});

const texts = Object.values(shipped);
const text = fc.constantFrom(...texts);
const run = (property: fc.IProperty<unknown[]> | fc.IRawProperty<unknown>, numRuns: number) =>
  fc.assert(property as fc.IProperty<unknown[]>, { seed: 20_26, numRuns });

describe("loadExperiment survives", () => {
  it("random bytes", () => {
    run(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check(bytes)),
      300,
    );
  });

  it("random words of YAML", () => {
    const words = [
      "- ",
      ": ",
      "{",
      "}",
      "[",
      "]",
      ",",
      "\n",
      "\n  ",
      "\n    ",
      "&a ",
      "*a",
      "!!x ",
      "? ",
      "|",
      ">",
      "'",
      '"',
    ];
    const names = [
      "name",
      "stages",
      "load",
      "train",
      "extends",
      "vae.yaml",
      "params",
      "x",
      "1",
      "-.5e3",
      "null",
      "${params.x}",
      "<<",
      "__proto__",
      "#",
      "---",
      "%YAML 1.1",
      "%LOUD",
      "{a: 1}: b",
    ];
    const word = fc.constantFrom(...words, ...names);
    run(
      fc.property(fc.array(word, { maxLength: 40 }), (list) => check(list.join(""))),
      500,
    );
  });

  it("shipped pipelines with letters changed", () => {
    const edit = fc.tuple(fc.nat(3000), fc.nat(6), fc.string({ maxLength: 3, unit: "binary" }));
    run(
      fc.property(text, fc.array(edit, { minLength: 1, maxLength: 4 }), (start, edits) => {
        const changed = edits.reduce((now, [at, removed, added]) => {
          const from = at % (now.length + 1);
          return now.slice(0, from) + added + now.slice(from + removed);
        }, start);
        check(changed);
      }),
      200,
    );
  });

  it("shipped pipelines with lines moved, doubled and lost", () => {
    run(
      fc.property(text, fc.array(fc.nat(60), { minLength: 5, maxLength: 60 }), (start, order) => {
        const lines = start.split("\n");
        check(order.map((i) => lines[i % lines.length]).join("\n"));
      }),
      200,
    );
  });

  it("shipped pipelines with values put in place of others", () => {
    const scalar = fc.constantFrom<unknown>(
      0,
      -1,
      1.5,
      1e9,
      "",
      "x",
      "relu",
      "dense",
      "flatten",
      "${params.epochs}",
      true,
      null,
      [],
      {},
    );
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("dense", "units", "kl", "uses", "needs", "__proto__", "layers"), scalar, {
        maxKeys: 3,
      }),
    );
    run(
      fc.property(text, fc.array(fc.tuple(fc.nat(200), value), { minLength: 1, maxLength: 3 }), (start, changes) => {
        const data = parse(start) as unknown;
        for (const [at, put] of changes) replaceOne(data, at, put);
        check(stringify(data));
      }),
      400,
    );
  });

  it("random settings", () => {
    const key = fc.constantFrom(
      "params",
      "stages",
      "train",
      "epochs",
      "hidden",
      "build",
      "decoder",
      "0",
      "dense",
      "units",
      "",
      "__proto__",
      "optimizer",
    );
    const value = fc.oneof(
      fc.constantFrom("1", "[1, 2]", "{ a: 1 }", "{sgd: {}}", "null", "''", "!!x 1", "*a"),
      fc.string({ maxLength: 5 }),
    );
    const setting = fc.tuple(fc.array(key, { maxLength: 7 }), value).map(([path, set]) => `${path.join(".")}=${set}`);
    run(
      fc.property(fc.array(fc.oneof(setting, fc.string()), { maxLength: 4 }), (sets) =>
        check("extends: vae.yaml", sets),
      ),
      300,
    );
  });
});

/** Puts `value` in place of the `at`-th value of the tree, counting depth first. */
function replaceOne(data: unknown, at: number, value: unknown): void {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const collect = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    for (const key of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      collect((node as Record<string, unknown>)[key]);
    }
  };
  collect(data);
  const place = places[at % places.length];
  if (place) place.holder[place.key] = value;
}
