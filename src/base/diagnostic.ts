import type { JsonPath } from "./json.js";

/** What stands for the file's path where the text is an argument of `--set`. */
export const SETTING = "--set";

/** A place in a text file. Lines and columns count from 1; columns count UTF-16 units. */
export interface Location {
  /** The path as the user would type it: relative to the working directory where that is shorter. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the squiggle covers on that line, at least 1. */
  readonly length: number;
  /** The whole line, so that a diagnostic can be shown without the file. */
  readonly lineText: string;
}

/**
 * Something to tell the user, as data. What is printed is made from it in one place
 * (`formatDiagnostic`), what programs read is this object as JSON.
 */
export interface Diagnostic {
  /** Stable, kebab-case, documented in docs/diagnostics.md: `unknown-key`, `shape-mismatch`, … */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, one sentence without a full stop. */
  readonly message: string;
  readonly at?: Location;
  /** The place in a stage's parameters, when the stage found the problem; the parent turns it into `at`. */
  readonly path?: JsonPath;
  /** The layer of the stage's model that caused it, if one did; the parent turns it into `at`. */
  readonly layer?: string;
  readonly received?: string;
  readonly expected?: string;
  /** How to mend it, an imperative sentence. */
  readonly fix?: string;
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
}
