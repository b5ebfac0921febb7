import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** One block of code of a page. */
export interface Block {
  /** `docs/cli.md:41`, for messages. */
  readonly at: string;
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

/**
 * How a block is tested follows from its language:
 *
 *   yaml    a pipeline, a comparison, or stages of one: must be valid (README's `digits.yaml` and the page's own files are there)
 *   ts      a program for the installed package: must pass the type checker, and run
 *   sh      every `pipe` command in it must run, or as a synopsis name options that there are; npm scripts must exist
 *   sql     must run on a cache.db
 *   json    must be JSON; a schema and a `ts` block that follow one another are a stage of one's own
 *   js      must be JavaScript        python  must be Python, where there is one
 *   text    drawings and what programs print: anything that is no code
 *
 * A block that is indented by four spaces is `sh` where it begins with pipe, npx or npm, else `text`.
 */
export const LANGUAGES = ["yaml", "ts", "sh", "sql", "json", "js", "python", "text"];

const pages = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].concat(
  readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

export const blocks: readonly Block[] = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), "utf8")));

export function ofLanguage(language: string): readonly Block[] {
  return blocks.filter((block) => block.language === language);
}

function blocksOf(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const found: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const at = `${relative(root, join(root, page))}:${i + 1}`;
    const fence = /^\s*```(\S*)/.exec(lines[i] as string);
    if (fence) {
      const end = lines.findIndex((line, j) => j > i && /^\s*```\s*$/.test(line));
      found.push({ at, page, language: fence[1] as string, text: `${lines.slice(i + 1, end).join("\n")}\n` });
      i = end;
    } else if (isIndented(lines[i]) && (lines[i - 1] ?? "").trim() === "") {
      let end = i;
      while (end < lines.length && (isIndented(lines[end]) || lines[end] === "")) end++;
      const body = lines.slice(i, end).map((line) => line.slice(4));
      const language = /^(pipe|npx|npm) /.test(body[0] as string) ? "sh" : "text";
      found.push({ at, page, language, text: `${body.join("\n").trimEnd()}\n` });
      i = end - 1;
    }
  }
  return found;
}

function isIndented(line: string | undefined): boolean {
  return /^ {4}\S| {5}/.test(line ?? "") && (line as string).startsWith("    ");
}
