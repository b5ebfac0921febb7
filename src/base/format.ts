import pc from "picocolors";
import { type Diagnostic, type Location, SETTING } from "./diagnostic.js";

export interface FormatOptions {
  /** Escape codes for a terminal. Default: none. */
  readonly color?: boolean;
}

/** What is cut from a long line stays recognizable by this. */
const ellipsis = "…";
const widest = 120;

/**
 * A diagnostic as text, without a newline at its end:
 *
 *     vae.yaml:14:18 error[unknown-key]: there is no key `lerningRate` here
 *       14 |   train: { optimizer: { adam: { lerningRate: 0.001 } } }
 *          |                                 ^^^^^^^^^^^
 *       received: …
 *       expected: …
 *       fix: Did you mean learningRate?
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions = {}): string {
  const paint = pc.createColors(options.color ?? false);
  const isError = diagnostic.severity === "error";
  const tint = isError ? paint.red : paint.yellow;
  const place = diagnostic.at ? `${paint.bold(placeOf(diagnostic.at))} ` : "";
  const lines = [`${place}${tint(`${diagnostic.severity}[${diagnostic.code}]`)}: ${visible(diagnostic.message)}`];
  if (diagnostic.at) lines.push(...excerpt(diagnostic.at, tint, paint.dim));
  for (const [label, text] of [
    ["received", diagnostic.received],
    ["expected", diagnostic.expected],
    ["fix", diagnostic.fix],
  ] as const) {
    if (text !== undefined) lines.push(`  ${paint.dim(`${label}:`)} ${visible(text)}`);
  }
  for (const { message, at } of diagnostic.related ?? []) {
    lines.push(`  ${placeOf(at)} ${visible(message)}`, ...excerpt(at, paint.cyan, paint.dim));
  }
  return lines.join("\n");
}

/** An argument has no lines to count: it is shown as it was given. */
function placeOf(at: Location): string {
  if (at.file === SETTING) return visible(`${SETTING} ${cut(at).text}:`);
  return visible(`${at.file}:${at.line}:${at.column}`);
}

type Paint = (text: string) => string;

function excerpt(at: Location, tint: Paint, dim: Paint): string[] {
  const { text, from } = cut(at);
  // Tabs keep their width in the line of squiggles, so that it stands under what it points at.
  const indent = text.slice(0, at.column - 1 - from).replace(/[^\t]/g, " ");
  const room = Math.max(1, text.length - (at.column - 1 - from));
  const number = at.file === SETTING ? " " : String(at.line);
  const bar = dim("|");
  return [
    `  ${dim(number)} ${bar} ${visible(text)}`.trimEnd(),
    `  ${" ".repeat(number.length)} ${bar} ${indent}${tint("^".repeat(Math.min(at.length, room)))}`,
  ];
}

/** The line, or of a long one the part around the column. */
function cut(at: Location): { readonly text: string; readonly from: number } {
  const { lineText, column } = at;
  if (lineText.length <= widest) return { text: lineText, from: 0 };
  const from = Math.max(0, Math.min(column - 1 - 40, lineText.length - widest));
  const part = lineText.slice(from, from + widest);
  const text = `${from > 0 ? ellipsis : ""}${part.slice(from > 0 ? 1 : 0)}`;
  return { text: from + widest < lineText.length ? text.slice(0, -1) + ellipsis : text, from };
}

/**
 * What comes from a file may hold control characters, those that end lines and turn the direction of a text included; a
 * terminal must not obey them. One stays one column.
 */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}
