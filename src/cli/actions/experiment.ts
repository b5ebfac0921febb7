import type { Diagnostic } from "../../base/diagnostic.js";
import type { Digest } from "../../base/digest.js";
import { nodeDisk } from "../../base/disk.js";
import type { EngineName } from "../../base/engines.js";
import type { ReadProgress } from "../../base/file-content.js";
import { err, ok } from "../../base/result.js";
import type { Catalog } from "../../catalog/types.js";
import { cannotRead, locate } from "../../exec/messages.js";
import { stageRevision } from "../../exec/revisions.js";
import {
  checkStageNames,
  type EngineChoice,
  type FileDigest,
  makePlan,
  type Plan,
  type Planning,
} from "../../plan/index.js";
import { checkPacks } from "../../spec/datasets.js";
import { loadExperiment } from "../../spec/load.js";
import type { Experiment, LoadedExperiment } from "../../spec/types.js";
import { cwdOf, type Place } from "../paths.js";
import { usageError } from "../usage.js";
import { withOwnKinds } from "./own-kinds.js";
import type { Diagnosed, PlanningStore } from "./store.js";

/** What decides the results of an experiment, besides its files. */
export interface ExperimentOptions extends Place {
  /** Replacements of params, as on the command line: `params.epochs=2`. */
  readonly sets?: readonly string[];
  /** Whether kinds of the project's own, which are code, may be named. Default: true. */
  readonly ownCode?: boolean;
  /** Default: the fastest that this machine has. */
  readonly engine?: EngineName;
  /** Stages, by name, to run although their result is stored; `true` for all. */
  readonly force?: true | readonly string[];
  /** Plan only this stage and what it needs. */
  readonly until?: string;
  /** Hears how far the reading of data files is whose content is not known yet. */
  readonly onReading?: ReadProgress;
  /** Ends a run in order: what runs is stopped, and the report shows what there is. */
  readonly signal?: AbortSignal;
}

/** An experiment, and the catalog that knows all kinds which it names. */
export interface ReadExperiment {
  readonly experiment: LoadedExperiment;
  readonly catalog: Catalog;
}

/** Reads and checks the files and the stage names among the options: every complaint at once. */
export async function readExperiment(
  files: readonly string[],
  options: ExperimentOptions,
): Promise<Diagnosed<ReadExperiment>> {
  // An unset variable of a shell becomes an empty word.
  if (files.some((file) => file.trim() === "")) return err([usageError("the name of a file is empty")]);
  const { sets = [], signal, ownCode = true } = options;
  const cwd = cwdOf(options);
  const loaded = await withOwnKinds((catalog, onMissing) => loadExperiment(files, { catalog, onMissing, cwd, sets }), {
    cwd,
    refuse: !ownCode,
    signal,
  });
  if (!loaded.ok) return loaded;
  const { value: experiment, catalog } = loaded.value;
  const { force, until } = options;
  const complaints = checkStageNames(experiment, {
    ...(force === undefined ? {} : { force }),
    ...(until === undefined ? {} : { until }),
  });
  return complaints.length > 0 ? err(complaints) : ok({ experiment, catalog });
}

export interface Planned {
  readonly plan: Plan;
  readonly planning: Planning;
}

/**
 * What the data files hold now. A run uses this state of them to its end: a stage that finds another one when it
 * reads them fails.
 */
export async function digestData(
  { variants }: Experiment,
  store: PlanningStore,
  { onReading, signal }: Pick<ExperimentOptions, "onReading" | "signal">,
): Promise<Diagnosed<FileDigest>> {
  const digests = new Map<string, Digest>();
  for (const stage of variants.flatMap(({ stages }) => stages)) {
    for (const { path, absolute } of stage.files) {
      if (digests.has(absolute)) continue;
      try {
        const progress = onReading === undefined ? {} : { onProgress: onReading };
        const stop = signal === undefined ? {} : { stop: signal };
        digests.set(absolute, await store.fileDigest(absolute, { ...progress, ...stop }));
      } catch (error) {
        if (signal?.aborted) return err([interrupted()]);
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
        return err([{ ...cannotRead(absolute, path, error), at: stage.locate(path) }]);
      }
    }
  }
  return ok((file) => digests.get(file) as Digest);
}

export function planExperiment(
  { experiment, catalog }: ReadExperiment,
  store: Planning["store"],
  fileDigest: FileDigest,
  engine: EngineChoice,
  options: ExperimentOptions,
): Planned {
  const { force, until } = options;
  const forced = force === undefined ? {} : { force };
  const planning: Planning = { catalog, store, fileDigest, engine, revision: stageRevision, ...forced };
  return { plan: makePlan(experiment, planning, until), planning };
}

/**
 * What reading headers did not tell: whether the data that is not loaded yet can be read to its end. Files that a
 * stored result was made from have been.
 */
export function checkData({ nodes, states }: Plan): readonly Diagnostic[] {
  const open = nodes.filter(({ id }) => states.get(id)?.state !== "cached");
  return open.flatMap(({ stage }) => checkPacks(stage, nodeDisk).map((complaint) => locate(stage, complaint)));
}

/** A node whose bits depend on the engine: if all of them are stored, no engine is needed. */
export function usesEngine(kind: string, catalog: Catalog): boolean {
  return catalog.get("stages", kind)?.about.engine === true;
}

function interrupted(): Diagnostic {
  return {
    code: "interrupted",
    severity: "error",
    message: "stopped while data files were read; nothing was run",
    fix: "Run it again.",
  };
}
