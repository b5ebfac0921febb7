/** Options that several commands share: one wording, one check. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ENGINE_NAMES, type EngineName } from "../base/engines.js";
import type { ExperimentOptions } from "./actions/experiment.js";
import { DEFAULT_RUNS } from "./paths.js";

export interface RunsOption {
  readonly runs: string;
}

export interface JsonOption {
  readonly json?: boolean;
}

/** As commander hands them over. */
export interface ExperimentFlags extends RunsOption {
  readonly set?: readonly string[];
  readonly engine?: EngineName;
  readonly force?: true | readonly (string | true)[];
  readonly until?: string;
  readonly ownCode: boolean;
}

export function addRuns(command: Command): Command {
  return command.option("--runs <dir>", "where results are kept", directory, DEFAULT_RUNS);
}

export function addJson(command: Command, what: string): Command {
  return command.option("--json", what);
}

export function addSets(command: Command): Command {
  return command.option(
    "--set <key=value>",
    "replace a value: params.x=1, stages.train.epochs=3; may be given several times",
    collect,
  );
}

export interface OwnCodeOption {
  readonly ownCode: boolean;
}

export function addOwnCode(command: Command): Command {
  return command.option("--no-own-code", "refuse kinds that are files of the project's own, which are code");
}

export function addExperiment(command: Command): Command {
  return addOwnCode(addRuns(addSets(command)))
    .addOption(new Option("--engine <name>", "the engine that computes").choices(ENGINE_NAMES))
    .option("--force [stage]", "run a stage, or all, although the result is stored; may be given several times", force)
    .option("--until <stage>", "only this stage and what it needs");
}

export const FILES = "a comparison, or pipelines to compare";

/** An unset variable of a shell becomes an empty word. */
function directory(value: string): string {
  if (value === "") throw new InvalidArgumentError("Name a directory.");
  return value;
}

/** A whole number from 1. */
export function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return number;
}

/** The flags in the form of the API; `--force compare.yaml` means the file and all stages. */
export function experimentOptions(
  files: readonly string[],
  flags: ExperimentFlags,
  cwd: string,
): { readonly files: readonly string[]; readonly options: ExperimentOptions } {
  const forced = flags.force === true ? [true as const] : (flags.force ?? []);
  const isFile = (value: string | true): value is string => value !== true && /\.ya?ml$/i.test(value);
  const all = forced.some((value) => value === true || isFile(value));
  const names = forced.filter((value): value is string => value !== true && !isFile(value));
  return {
    files: [...forced.filter(isFile), ...files],
    options: {
      cwd,
      runs: flags.runs,
      ...(flags.set === undefined ? {} : { sets: flags.set }),
      ...(flags.engine === undefined ? {} : { engine: flags.engine }),
      ...(forced.length === 0 ? {} : { force: all ? true : names }),
      ownCode: flags.ownCode,
      ...(flags.until === undefined ? {} : { until: flags.until }),
    },
  };
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** commander calls this with a value only; without one it sets the option to `true`. */
function force(value: string, previous: true | readonly (string | true)[] = []): readonly (string | true)[] {
  return [...(previous === true ? [previous] : previous), value];
}
