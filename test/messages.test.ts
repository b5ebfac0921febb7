import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Every place in the sources that makes a diagnostic, found by its code: what it says, and which of received, expected and fix
 * stand beside. `npx vitest run test/messages.test.ts -u` writes messages.txt anew; read the difference.
 */
const root = join(import.meta.dirname, "..");

interface Made {
  readonly file: string;
  readonly code: string;
  readonly body: string;
}

const files = ["src", "stages"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((file) => !file.startsWith("src/gen/")),
);

/** As a property of an object, or as the first argument of a function that makes a diagnostic. */
const code =
  /\bcode: "([a-z0-9-]+)"|(?:\b(?:error|keyError|warn|problem|failure)|#fail)\(\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"/g;

const made: readonly Made[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(code)].map((match) => {
    const start = match[1] === undefined ? text.indexOf("(", match.index) : openedBefore(text, match.index);
    return { file, code: (match[1] ?? match[2]) as string, body: text.slice(start, closedAfter(text, start)) };
  });
});

function openedBefore(text: string, at: number): number {
  for (let depth = 0, i = at - 1; i >= 0; i--) {
    if ("})]".includes(text[i] as string)) depth++;
    else if ("{([".includes(text[i] as string) && depth-- === 0) return i;
  }
  return 0;
}

function closedAfter(text: string, from: number): number {
  for (let depth = 0, i = from; i < text.length; i++) {
    if ("{([".includes(text[i] as string)) depth++;
    else if ("})]".includes(text[i] as string) && --depth === 0) return i + 1;
  }
  return text.length;
}

/** Texts in the order in which they stand; the first sentence of them is the message. */
function saysIn(body: string): string {
  const texts = body.match(/`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"/g) ?? [];
  return texts.slice(1).find((text) => / /.test(text)) ?? "(made elsewhere)";
}

/** Where a fix is put beside by somebody else, and who that is. */
const fixedElsewhere: readonly (readonly [file: string, who: string])[] = [
  ["src/spec/schema-errors.ts", "wrongValue adds received and fix to what sayWrong makes"],
  ["src/spec/parse.ts", "checkDirectives says `Remove the line.` of every directive"],
  ["src/store/messages.ts", "the function `failure` takes the fix as its third argument"],
  ["src/engine/checks.ts", "the function `problem` takes the fix as its fourth argument"],
  ["src/engine/train.ts", "the function `problem` takes the fix as its fourth argument"],
  ["src/engine/onnx/trace/error.ts", "compile.ts adds which other engines have the operation"],
  ["stages/normalize.ts", "the function `failure` takes the fix as its third argument"],
  ["stages/load.ts", "the fix is put beside what the function `problem` makes"],
];
const excused = new Set(fixedElsewhere.map(([file]) => file));

describe("what the program says", () => {
  it("is listed", async () => {
    const parts = ["received", "expected", "fix"];
    const lines = made.map(({ file, code, body }) => {
      const has = parts.filter((part) => new RegExp(`(?<![\\w.])${part}\\b\\s*[:,}]`).test(body));
      return `${code} | ${saysIn(body).replace(/\s+/g, " ")} | ${has.join(", ")} | ${file}`;
    });
    expect(lines.length).toBeGreaterThan(120);
    await expect(`${[...new Set(lines)].sort().join("\n")}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, "messages.txt"),
    );
  });

  it("says how to mend it", () => {
    const without = made.filter(
      ({ file, body }) => !excused.has(file) && !/(?<![\w.])fix\b\s*[:,}]|\.\.\.details|\bfix\b/.test(body),
    );
    expect(without.map(({ file, code, body }) => `${file} ${code}: ${body.slice(0, 120)}`)).toEqual([]);
  });

  it("is not empty: no other value, no something", () => {
    const empty =
      /"(another|other|a different|some) (value|thing)[^"]*"|"(Write|Choose|Use) (another|a different) value\.?"|"Fix it\.?"/i;
    expect(made.filter(({ body }) => empty.test(body)).map(({ file, code }) => `${file} ${code}`)).toEqual([]);
  });
});
