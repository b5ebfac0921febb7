import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundle, revisionsOf } from "../../scripts/revisions.js";

/**
 * The digests of code in fingerprints: whatever takes part in a result changes the digest of that result's stage, and nothing
 * else does.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");
const written = JSON.parse(readFileSync(join(dist, "revisions.json"), "utf8")) as Revisions;

type Revisions = Record<
  string,
  { readonly code: string | Record<string, string>; readonly libraries: readonly string[] }
>;

const copy = mkdtempSync(join(tmpdir(), "pipe-revisions-"));
for (const folder of ["src", "stages"]) cpSync(join(dist, folder), join(copy, folder), { recursive: true });
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** With `edit` in the copy of a compiled file, as long as `use` lasts. */
async function edited<T>(file: string, edit: (text: string) => string, use: () => Promise<T>): Promise<T> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  const other = edit(text);
  expect(other, `the edit of ${file} changes nothing`).not.toBe(text);
  writeFileSync(path, other);
  try {
    return await use();
  } finally {
    writeFileSync(path, text);
  }
}

/** Something more is done before each return. */
const moreToDo = (text: string): string => text.replaceAll("return ", "return globalThis.other(), ");

/** `train onnx`, `report`: what has another digest now than the build wrote. */
function changed(now: Revisions): readonly string[] {
  return Object.entries(written).flatMap(([kind, { code }]) => {
    const other = now[kind]?.code;
    if (typeof code === "string") return code === other ? [] : [kind];
    return Object.keys(code)
      .filter((engine) => code[engine] !== (other as Record<string, string>)[engine])
      .map((engine) => `${kind} ${engine}`);
  });
}

const of = (engines: string, ...kinds: readonly string[]): readonly string[] =>
  kinds.flatMap((kind) => engines.split(" ").map((engine) => `${kind} ${engine}`));
const ALL = "onnx tensorflow wasm cpu";
const EAGER = "tensorflow wasm cpu";

describe("the digests of the code that computes", () => {
  it("are those of what is built, in whatever folder", async () => {
    expect(await revisionsOf(copy)).toEqual(written);
  });

  it("are of the stages whose work is done by engine or report, and of the report", () => {
    expect(Object.keys(written)).toEqual(["build", "evaluate", "train", "visualize", "report"]);
  });

  it("name the packages that compute, besides the engine's", () => {
    expect(written.train?.libraries).toEqual([]);
    expect(written.report?.libraries).toEqual(
      expect.arrayContaining(["vega", "vega-lite", "vega-interpreter", "ml-matrix", "fast-png", "@dagrejs/dagre"]),
    );
  });

  it("do not change with comments, empty lines and the ends of lines", async () => {
    const restyle = (text: string) => `// A comment.\n\n${text}`.replaceAll("\n", "\r\n");
    const now = await edited("src/engine/train.js", restyle, () =>
      edited("src/report/html/document.js", restyle, () => revisionsOf(copy, ["train", "report"])),
    );
    expect({ ...written, ...now }).toEqual(written);
  });

  it.each([
    ["src/engine/onnx/training.js", of("onnx", "evaluate", "train", "visualize")],
    ["src/engine/eager/training.js", of(EAGER, "evaluate", "train", "visualize")],
    ["src/engine/optimizers/adam.js", of(ALL, "train")],
    ["src/engine/session.js", of(ALL, "train")],
    ["src/engine/evaluate.js", of(ALL, "evaluate")],
    ["src/report/charts/latent-quality.js", [...of(ALL, "visualize"), "report"]],
    ["src/report/html/document.js", ["report"]],
    ["src/report/page/decoder.js", ["report"]],
    ["src/engine/export/onnx.js", []],
    ["src/cli/main.js", []],
  ])("change with %s as far as it takes part", async (file, expected) => {
    const now = await edited(file, moreToDo, () => revisionsOf(copy));
    expect([...changed(now)].sort()).toEqual([...expected].sort());
  });
});

describe("the digest of train", () => {
  /** Compiled files of a folder that hold more than types. */
  const codeIn = (folder: string): readonly string[] =>
    readdirSync(join(dist, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|export \{\};)*$/.test(readFileSync(file, "utf8")))
      .map((file) => relative(dist, file).replaceAll("\\", "/"));

  it.each([
    ["onnx", ["src/engine/onnx/"], ["src/engine/onnx/export.js"]],
    ["eager", ["src/engine/eager/", "src/engine/optimizers/", "src/engine/losses/", "src/engine/schedules/"], []],
  ])("covers all that the engine %s has, as far as it trains", async (engine, folders, besides) => {
    const entry = `export { default } from ${JSON.stringify(join(dist, "stages/train.js"))};`;
    const { modules } = (await bundle(dist, entry, engine)) as { readonly modules: readonly string[] };
    const covered = new Set(modules.map((file) => relative(dist, file).replaceAll("\\", "/")));
    const missing = folders.flatMap(codeIn).filter((file) => !covered.has(file) && !besides.includes(file));
    expect(missing).toEqual([]);
  });
});
