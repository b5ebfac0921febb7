import type { Diagnostic } from "../../base/diagnostic.js";
import { nodeDisk } from "../../base/disk.js";
import type { EngineName } from "../../base/engines.js";
import { err } from "../../base/result.js";
import { stageTable } from "../../gen/stages.js";
import { checkStageNames, type EngineChoice, makePlan, type Plan, type Planning } from "../../plan/index.js";
import { checkPacks } from "../../spec/datasets.js";
import { loadExperiment } from "../../spec/load.js";
import type { Experiment, LoadedExperiment } from "../../spec/types.js";
import { cwdOf, type Place } from "../paths.js";
import { usageError } from "../usage.js";
import type { Diagnosed } from "./store.js";

/** What decides the results of an experiment, besides its files. */
export interface ExperimentOptions extends Place {
  /** Replacements of params, as on the command line: `params.epochs=2`. */
  readonly sets?: readonly string[];
  /** Default: the fastest that this machine has. */
  readonly engine?: EngineName;
  /** Stages, by name, to run although their result is stored; `true` for all. */
  readonly force?: true | readonly string[];
  /** Plan only this stage and what it needs. */
  readonly until?: string;
}

/** Reads and checks the files and the stage names among the options: every complaint at once. */
export function readExperiment(files: readonly string[], options: ExperimentOptions): Diagnosed<LoadedExperiment> {
  // An unset variable of a shell becomes an empty word.
  if (files.some((file) => file.trim() === "")) return err([usageError("the name of a file is empty")]);
  const loaded = loadExperiment(files, { cwd: cwdOf(options), sets: options.sets ?? [] });
  if (!loaded.ok) return loaded;
  const { force, until } = options;
  const complaints = checkStageNames(loaded.value, {
    ...(force === undefined ? {} : { force }),
    ...(until === undefined ? {} : { until }),
  });
  return complaints.length > 0 ? err(complaints) : loaded;
}

export interface Planned {
  readonly plan: Plan;
  readonly planning: Planning;
}

export function planExperiment(
  experiment: Experiment,
  store: Planning["store"],
  engine: EngineChoice,
  options: ExperimentOptions,
): Planned {
  const { force, until } = options;
  const planning: Planning = { table: stageTable, store, engine, ...(force === undefined ? {} : { force }) };
  return { plan: makePlan(experiment, planning, until), planning };
}

/**
 * What reading headers did not tell: whether the data that is not loaded yet can be read to its end. Files that a
 * stored result was made from have been.
 */
export function checkData({ nodes, states }: Plan): readonly Diagnostic[] {
  const open = nodes.filter(({ id }) => states.get(id)?.state !== "cached");
  return open.flatMap(({ stage }) => checkPacks(stage, nodeDisk));
}

/** A node whose bits depend on the engine: if all of them are stored, no engine is needed. */
export function usesEngine(kind: string): boolean {
  return (stageTable as Planning["table"])[kind]?.engine === true;
}
