import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { nodeDisk } from "../../src/base/disk.js";
import { formatDiagnostic } from "../../src/base/format.js";
import { builtIn } from "../../src/catalog/built-in.js";
import { loadExperiment } from "../../src/spec/load.js";
import { idx } from "../rig/tiny-data.js";
import { fakeDisk } from "../spec/fake-disk.js";
import { type Block, blocks, LANGUAGES, ofLanguage, root } from "./blocks.js";
import { callsIn, npmIn } from "./commands.js";

/** What can be told of code in pages without running it; blocks.ts has the rules, run.test.ts runs the rest. */
const named = (language: string) => ofLanguage(language).map((block) => [block.at, block] as const);

describe("a block of code", () => {
  it("has a language that says how it is tested", () => {
    expect(blocks.length).toBeGreaterThan(30);
    const unknown = blocks.filter(({ language }) => !LANGUAGES.includes(language));
    expect(unknown.map(({ at, language }) => `${at}: \`\`\`${language}, write one of ${LANGUAGES.join(", ")}`)).toEqual(
      [],
    );
  });

  it("is no code where it says `text`, or nothing", () => {
    const code = /^(import|export|const|let|await|from|def|select|stages:|extends:|variants:) ?/im;
    const hidden = ofLanguage("text").filter(({ text }) => code.test(text));
    expect(hidden.map(({ at }) => `${at}: put it into a fence with its language, so that it is tested`)).toEqual([]);
  });
});

const items = 1000;
const images = idx(new Uint8Array(items * 64), [items, 8, 8]);
const labels = idx(
  Uint8Array.from({ length: items }, (_, i) => i % 10),
  [items],
);
const fileOf = ({ text }: Block) => `${(parse(text) as { name?: string }).name ?? "block"}.yaml`;

/** What lies around a block when it is read: README's files, the page's own, and data under names that pages use. */
function filesFor(page: string): Record<string, string | Uint8Array> {
  const around = ofLanguage("yaml").filter((block) => block.page === "README.md" || block.page === page);
  const written = around.filter(({ text }) => isWhole(parse(text))).map((block) => [`/w/${fileOf(block)}`, block.text]);
  const data = ["train", "dev", "test"].flatMap((split) => [
    [`/w/data/${split}-images.idx`, images],
    [`/w/data/${split}-labels.idx`, labels],
    [`/w/data/${split}-images.idx.gz`, gzipSync(images)],
    [`/w/data/${split}-labels.idx.gz`, gzipSync(labels)],
  ]);
  const vae = readFileSync(join(root, "pipelines/vae.yaml"), "utf8");
  return Object.fromEntries([["/w/vae.yaml", vae], ...data, ...written]);
}

function isWhole(value: unknown): boolean {
  return ["stages", "extends", "variants"].some((key) => Object.hasOwn(value as object, key));
}

function complaintsAbout(text: string, page: string): readonly string[] {
  const disk = fakeDisk({ ...filesFor(page), "/w/this.yaml": text }, nodeDisk);
  const loaded = loadExperiment(["this.yaml"], { catalog: builtIn, cwd: "/w", disk });
  return (loaded.ok ? loaded.value.warnings : loaded.error).map((diagnostic) => formatDiagnostic(diagnostic));
}

describe("YAML", () => {
  it.each(named("yaml"))("%s is valid", (_, { text, page }) => {
    if (isWhole(parse(text))) return expect(complaintsAbout(text, page)).toEqual([]);
    // Stages by themselves: part of a classifier, or of an autoencoder.
    const inside = text.replace(/^/gm, "  ");
    const [first = [], second = []] = ["digits.yaml", "vae.yaml"].map((base) =>
      complaintsAbout(`extends: ${base}\nname: this\nstages:\n${inside}`, page),
    );
    expect(first.length === 0 || second.length === 0 ? [] : first).toEqual([]);
  });
});

describe("other languages", () => {
  it.each(named("json"))("%s is JSON", (_, { text }) => void JSON.parse(text));

  it.each(named("js"))("%s is JavaScript", (_, { text }) => {
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--check"], {
      input: text,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it.each(named("python"))("%s is Python", (_, { text }) => {
    const { error, stderr } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
      input: text,
      encoding: "utf8",
    });
    // A machine without Python has nothing to say of it.
    if (error === undefined) expect(stderr).toBe("");
  });

  it.each(named("sh"))("%s has commands that there are", (_, block) => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const npm = npmIn(block);
    for (const [, command = "", name = ""] of npm) {
      if (command === "run") expect(Object.keys(scripts)).toContain(name);
      else expect(["ci", "test", "install", "pack"]).toContain(command);
    }
    expect(callsIn(block).length + npm.length + Number(/^npx vitest/m.test(block.text))).toBeGreaterThan(0);
  });
});
