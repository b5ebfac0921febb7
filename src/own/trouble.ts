/** Errors of a project's own code, as diagnostics that point into its files. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Diagnostic, Location } from "../base/diagnostic.js";
import { OwnCodeError } from "../base/own-failure.js";
import { pathBelow } from "../base/paths.js";
import { authorsModule, OURS } from "./home.js";

/** Frames of the user's own that are shown of a stack. */
const MAX_FRAMES = 5;

/** Errors that are named of a chain of causes. */
const MAX_CAUSES = 4;

/** Something that own code threw, with its stack cut to the project's files. */
export function thrownIn(what: string, error: unknown): Diagnostic {
  const message = inWords(error);
  const [first, ...rest] = ownFrames(error);
  const related = [
    ...(first === undefined ? [] : [{ message: "thrown here", at: first }]),
    ...rest.map((at) => ({ message: "called here", at })),
  ];
  return {
    code: "own-code-failed",
    severity: "error",
    message: `${what} failed: ${oneLine(message)}`,
    ...(related.length === 0 ? {} : { related }),
    fix: "Mend it in its file.",
  };
}

/** An error in a line, and where in the project it was thrown; an empty text where that is not known. */
export function inShort(error: unknown): { readonly failed: string; readonly at: string } {
  const [first] = ownFrames(error);
  return {
    failed: oneLine(inWords(error)),
    at: first === undefined ? "" : `${first.file}:${first.line}:${first.column}`,
  };
}

/** Whether an error came by way of own code. */
export function isOwn(error: unknown): boolean {
  return error instanceof OwnCodeError || ownFrames(error).length > 0;
}

/** The places of a stack that lie in the project: not in Node, in a package, or in this program. */
function ownFrames(error: unknown): readonly Location[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frames = [...stack.matchAll(/^\s+at .*?\(?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/gm)];
  return frames
    .flatMap(([, file = "", line, column]) => {
      const path = file.startsWith("file:") ? fileURLToPath(file) : file;
      const strange = /[\\/]node_modules[\\/]/.test(path) || path.startsWith(ownRoot) || path.endsWith(".mjs.map");
      return strange ? [] : (locationIn(path, Number(line), Number(column)) ?? []);
    })
    .slice(0, MAX_FRAMES);
}

const ownRoot = fileURLToPath(new URL("../../", import.meta.url));

/** As the user would type it. Null where the file cannot be read or has no such line. */
function locationIn(file: string, line: number, column: number): Location | null {
  try {
    const lineText = readFileSync(file, "utf8").split(/\r\n|\n|\r/)[line - 1];
    if (lineText === undefined) return null;
    const at = Math.min(Math.max(1, column), lineText.length + 1);
    const length = /^[\w$]+/.exec(lineText.slice(at - 1))?.[0].length ?? 1;
    return { file: pathBelow(process.cwd(), file) ?? file, line, column: at, length, lineText };
  } catch {
    return null;
  }
}

/** The bundler's messages, without their colours and excerpts. */
export function notBundled(entry: string, error: unknown): readonly Diagnostic[] {
  const errors = (error as { readonly errors?: readonly BundlerError[] }).errors ?? [error as BundlerError];
  return errors.map(({ message, loc }) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal are control characters
    const plain = (message ?? String(error)).replace(/\u001b\[[0-9;]*m/g, "");
    const [text = ""] = plain.replace(/^\[\w+\] /, "").split("\n");
    const fix = /^Could not resolve/.test(text)
      ? "Install the package, or correct the import."
      : "Mend it in its file.";
    const at = loc && locationIn(loc.file ?? entry, loc.line, loc.column + 1);
    return {
      code: "own-code-unreadable",
      severity: "error",
      message: `the code cannot be read: ${text}`,
      ...(at ? { related: [{ message: "here", at }] } : {}),
      fix,
    };
  });
}

/**
 * Where in the project a bundle has syntax that Node does not take, such as decorators: an import's own error does not say.
 *
 * @param text of the bundle, which ends with its source map.
 */
export function syntaxPlace(path: string, text: string): Location | null {
  const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8" });
  const [, line, , caret] = /^[^\n]*\.mjs:(\d+)\n([^\n]*)\n([^\n]*)/.exec(stderr) ?? [];
  const [, encoded] = /sourceMappingURL=data:[^,]*,(\S+)\s*$/.exec(text) ?? [];
  if (line === undefined || encoded === undefined) return null;
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")));
  const found = map.findEntry(Number(line) - 1, Math.max(0, caret?.indexOf("^") ?? 0));
  return "originalSource" in found
    ? locationIn(found.originalSource, found.originalLine + 1, found.originalColumn + 1)
    : null;
}

interface BundlerError {
  readonly message?: string;
  readonly loc?: { readonly line: number; readonly column: number; readonly file?: string };
}

/** An error and what caused it; whatever else can be thrown, as well as it can be written. */
function inWords(error: unknown): string {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error && chain.length < MAX_CAUSES; one = one.cause) {
    if (!chain.includes(one)) chain.push(one);
  }
  if (chain.length === 0) return `it threw ${inspect(error, { depth: 2, breakLength: Number.POSITIVE_INFINITY })}`;
  return chain.map((one) => (one instanceof OwnCodeError ? one.message : said(one))).join(", caused by ");
}

function said({ name, message, code }: Error & { readonly code?: unknown }): string {
  // An import's words name the bundle, which nobody wrote; and this program by a file of it.
  const from =
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ? /\s(?:imported from|Require stack:).*$/s : /$^/;
  return `${name}: ${message}`.replace(from, "").replace(/'(file:[^']+)'/g, (_, url: string) => `'${moduleName(url)}'`);
}

/** A module as one imports it. */
function moduleName(url: string): string {
  if (url === authorsModule) return OURS;
  const [, inPackage] = /.*\/node_modules\/(.+)$/.exec(url) ?? [];
  return inPackage ?? url;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
