import type { Diagnostic } from "../../base/diagnostic.js";
import { err, type Result } from "../../base/result.js";
import type { ToolEnd } from "./tool.js";

/** What every step of an installation is given. */
export interface Job {
  /** The folder that is to become the engine's; no other process sees it before it is complete. */
  readonly home: string;
  /** For what is only needed on the way. */
  readonly scratch: string;
  /** Where a download stays until the installation is done, so that it is not made twice. */
  readonly downloads: string;
  readonly signal: AbortSignal;
  /** Hears what is done now. */
  say(text: string): void;
  /** Hears how much of it is done. */
  progress(done: number, total: number): void;
}

export type Done<T = void> = Result<T, Diagnostic[]>;

export function toolMissing(tool: string, why: string, fix: string): Result<never, Diagnostic[]> {
  const message = `${tool} is not there: ${why}`;
  return err([{ code: "tool-missing", severity: "error", message, fix }]);
}

const SHOWN_LINES = 8;

/** @param what the step, as in "npm could not fetch the package". */
export function stepFailed(what: string, { lastWords }: ToolEnd, fix: string): Result<never, Diagnostic[]> {
  // Programs say what is wrong first and where in their own code afterwards.
  const lines = lastWords.split("\n");
  const start = Math.max(
    0,
    lines.findIndex((line) => /error/i.test(line)),
  );
  const received = lastWords === "" ? {} : { received: lines.slice(start, start + SHOWN_LINES).join("\n") };
  return err([{ code: "engine-install-failed", severity: "error", message: what, ...received, fix }]);
}
