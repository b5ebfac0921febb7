import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import { nodeDisk } from "../../src/base/disk.js";
import { formatDiagnostic } from "../../src/base/format.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import { fakeDisk, idx } from "./fake-disk.js";

/**
 * Every bad input beside all that is said about it: golden/<case>.yaml and golden/<case>.txt. Comment lines that begin with
 * `# --set` are the command line's. `npx vitest run test/spec -u` writes the expected texts anew; read them then.
 */
const folder = join(import.meta.dirname, "golden");

const images = idx([3, 2, 2]);
const dataFiles = {
  images,
  "images-3x3": idx([3, 3, 3]),
  labels: idx([3], (i) => i),
  "labels-4": idx([4], (i) => i),
  magic: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  floats: Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0),
  cut: images.slice(0, -1),
  "packed-cut": gzipSync(idx([3])).subarray(0, 15),
  long: Uint8Array.of(...images, 0),
  empty: idx([0, 2, 2]),
};
const virtual = Object.fromEntries(
  Object.entries(dataFiles).map(([name, bytes]) => [join(folder, "idx", name), bytes]),
);
const disk = fakeDisk(virtual, nodeDisk);

function complaintsAbout(file: string): readonly Diagnostic[] {
  const sets = [...readFileSync(join(folder, file), "utf8").matchAll(/^# (--set .*)$/gm)]
    .flatMap(([, line]) => (line as string).split(" "))
    .filter((word) => word !== "--set");
  const loaded = loadExperiment([file], { catalog: builtIn, cwd: folder, sets, disk });
  return loaded.ok ? loaded.value.warnings : loaded.error;
}

function asText(list: readonly Diagnostic[]): string {
  return `${list.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n\n")}\n`;
}

/** Codes whose cause a golden file cannot hold; other tests make it. */
const elsewhere = new Set([
  "unreadable-file",
  "file-too-large",
  "not-utf8",
  "too-deep",
  "missing-data",
  "idx-too-large",
]);

describe("complaints", () => {
  const cases = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

  it.each(cases)("about %s are as expected", async (file) => {
    await expect(asText(complaintsAbout(file))).toMatchFileSnapshot(join(folder, file.replace(/\.yaml$/, ".txt")));
  });

  it("cover every code that the input can cause", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/diagnostics.md"), "utf8");
    const input = page.slice(page.indexOf("## The input")).split("\n## ")[0] as string;
    const codes = [...input.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code as string);
    const said = new Set(cases.flatMap((file) => complaintsAbout(file).map(({ code }) => code)));
    expect(codes.filter((code) => !said.has(code) && !elsewhere.has(code))).toEqual([]);
  });

  it("tell what to do, and never that something is just something else", () => {
    const all = cases.flatMap((file) => complaintsAbout(file).map((diagnostic) => ({ file, ...diagnostic })));
    const empty = all.filter(
      ({ fix, ...texts }) =>
        fix === undefined ||
        fix.trim() === "" ||
        /\b(another|other|different) value\b|undefined|\bNaN\b|\[object /.test(
          JSON.stringify([fix, texts.expected, texts.message]),
        ),
    );
    expect(empty.map(({ file, code, message }) => `${file} ${code}: ${message}`)).toEqual([]);
  });

  it("point into the text, but for files that cannot be read", () => {
    const all = cases.flatMap((file) => complaintsAbout(file).map((diagnostic) => ({ file, ...diagnostic })));
    expect(all.filter(({ at }) => at === undefined).map(({ file, code }) => `${file} ${code}`)).toEqual([]);
  });

  it("have no expected text without its input", () => {
    const texts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
    expect(texts.filter((name) => !cases.includes(name.replace(/\.txt$/, ".yaml")))).toEqual([]);
  });
});
