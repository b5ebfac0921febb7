import type { Command } from "commander";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Terminal } from "./terminal.js";

/** 0 done; 1 a stage or an expectation failed; 2 the input is wrong; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** What a command is given besides its arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly cwd: string;
  exit(code: ExitCode): void;
}

/** Every file in commands/ exports `define`: arguments, options, help, and what the command does. */
export interface CommandModule {
  define(command: Command, context: CommandContext): void;
}

/** An error that no input caused. */
const FAILURES: ReadonlySet<string> = new Set([
  "cache-damaged",
  "cache-disk-full",
  "cache-io",
  "disk-failed",
  "engine-install-failed",
  "internal-error",
  "report-failed",
  "tool-missing",
  "worker-lost",
]);

/** Nothing was done: says why on standard error and, with `--json`, as one object on standard output. */
export function refuse({ terminal }: CommandContext, diagnostics: readonly Diagnostic[], json = false): ExitCode {
  terminal.diagnose(diagnostics);
  if (json) terminal.out(JSON.stringify({ diagnostics }));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.some(({ code }) => code === "interrupted")) return 130;
  return errors.length > 0 && errors.every(({ code }) => FAILURES.has(code)) ? 1 : 2;
}

/** Prints a value as one line of JSON. */
export function printJson({ terminal }: CommandContext, value: unknown): ExitCode {
  terminal.out(JSON.stringify(value));
  return 0;
}
