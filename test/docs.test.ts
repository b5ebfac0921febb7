import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ALL_REWRITES } from "../src/engine/onnx/rewrites/index.js";

const root = join(import.meta.dirname, "..");

function filesBelow(folder: string, ending: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, name)),
  ...filesBelow("docs", ".md"),
];

describe("links between pages", () => {
  it.each(pages.map((page) => [relative(root, page), page]))("%s", (_, page) => {
    const targets = [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)].map((m) => m[1]);
    expect(targets.filter((target) => !existsSync(join(dirname(page), target as string)))).toEqual([]);
  });
});

describe("docs/engine-onnx.md", () => {
  it("has every rewrite", () => {
    const page = readFileSync(join(root, "docs/engine-onnx.md"), "utf8");
    const table = page.slice(page.indexOf("| rewrite |"), page.indexOf("How `conv-products`"));
    const named = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect([...named].sort()).toEqual(ALL_REWRITES.map(({ name }) => name).sort());
  });
});

describe("docs/diagnostics.md", () => {
  it("has every code that the program says", () => {
    const page = readFileSync(join(root, "docs/diagnostics.md"), "utf8");
    const sources = [...filesBelow("src", ".ts"), ...filesBelow("stages", ".ts")].filter(
      (file) => !relative(root, file).startsWith(join("src", "gen")),
    );
    // As a property, or as the first argument of a function that makes a diagnostic.
    const code = /\b(?:code: |(?:error|warning|problem|failure|warn)\(\s*)"([a-z0-9]+(?:-[a-z0-9]+)+)"/g;
    const said = new Set(sources.flatMap((file) => [...readFileSync(file, "utf8").matchAll(code)].map((m) => m[1])));
    expect(said.size).toBeGreaterThan(60);
    expect([...said].filter((one) => !page.includes(`\`${one}\``))).toEqual([]);
  });
});
