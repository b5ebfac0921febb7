/** Errors of a project's own code, as diagnostics that point into its files. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Diagnostic, Location } from "../base/diagnostic.js";
import { OwnCodeError } from "../base/own-failure.js";
import { pathBelow } from "../base/paths.js";

/** Frames of the user's own that are shown of a stack. */
const MAX_FRAMES = 5;

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
    const at = loc && locationIn(loc.file ?? entry, loc.line, loc.column + 1);
    return {
      code: "own-code-unreadable",
      severity: "error",
      message: `the code cannot be read: ${text}`,
      ...(at ? { related: [{ message: "here", at }] } : {}),
      fix: "Mend it in its file.",
    };
  });
}

interface BundlerError {
  readonly message?: string;
  readonly loc?: { readonly line: number; readonly column: number; readonly file?: string };
}

function inWords(error: unknown): string {
  if (error instanceof OwnCodeError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
