import { availableParallelism, homedir } from "node:os";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { EngineName } from "../../base/engines.js";
import type { EventSink } from "../../base/event.js";
import { pathBelow } from "../../base/paths.js";
import { err, ok } from "../../base/result.js";
import type { Catalog } from "../../catalog/types.js";
import { chooseEngine, engineLibraries } from "../../exec/engines.js";
import { engineFellBack, whyNot } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import type { Provenance } from "../../exec/record.js";
import { executeRun } from "../../exec/run.js";
import { RunFolder } from "../../exec/run-folder.js";
import { type EngineChoice, settle, settleReport, withReport } from "../../plan/index.js";
import { openStore, type Store, storeFailure } from "../../store/index.js";
import { gitState } from "../git.js";
import { cwdOf, runsDirOf, shownPath } from "../paths.js";
import { reportRecipe } from "../report-input.js";
import { usageError } from "../usage.js";
import { pipeVersion } from "../versions.js";
import {
  checkData,
  digestData,
  type ExperimentOptions,
  type Planned,
  planExperiment,
  readExperiment,
  usesEngine,
} from "./experiment.js";
import { resolveRuns } from "./other-runs.js";
import { checkOwnCharts } from "./own-charts.js";
import type { Diagnosed } from "./store.js";
import { type RunSummary, summarizeRun } from "./summary.js";

export interface RunOptions extends ExperimentOptions {
  /** How many stages may run at a time. Default: the number of cores. */
  readonly jobs?: number;
  /** Whether to write `report.html`. Default: true. */
  readonly report?: boolean;
  /** Hears all that happens. */
  readonly onEvent?: EventSink;
}

/**
 * Runs what is not stored, keeps every result, writes the report. Wrong input is the error of the result; stages that
 * fail are part of the summary.
 */
export async function run(files: readonly string[], options: RunOptions = {}): Promise<Diagnosed<RunSummary>> {
  const { jobs = availableParallelism() } = options;
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    return err([usageError(`jobs must be a whole number from 1, not ${jobs}`)]);
  const read = await readExperiment(files, options);
  if (!read.ok) return read;
  const { experiment, catalog } = read.value;
  const choice = chooseEngine(options.engine);
  if (!choice.ok) return choice;
  const cwd = cwdOf(options);
  const git = gitState(cwd, experiment.files);
  const runsDir = runsDirOf(options);
  const opened = openStore(runsDir);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const digests = await digestData(experiment, store, options);
    if (!digests.ok) return digests;
    const resolved = resolveRuns(experiment, store);
    if (!resolved.ok) return resolved;
    const created = RunFolder.create(runsDir, new Date());
    if (!created.ok) return created;
    const folder = created.value;
    const pool = new WorkerPool({ slots: jobs, log: (text) => folder.log(text), ownCode: options.ownCode ?? true });
    try {
      const plans = (engine: EngineChoice): Planned => {
        return planExperiment({ experiment: resolved.value, catalog }, store, digests.value, engine, options);
      };
      const warnings = [...experiment.warnings];
      const planned = await planForWorkingEngine(plans, catalog, pool, store, options, warnings);
      const charts = planned.ok ? await checkOwnCharts(planned.value.plan, pool, store.path, options.signal) : [];
      warnings.push(...charts.filter(({ severity }) => severity === "warning"));
      const complaints = planned.ok
        ? [...checkData(planned.value.plan), ...charts.filter(({ severity }) => severity === "error")]
        : planned.error;
      if (!planned.ok || complaints.length > 0) {
        folder.discard();
        return err(complaints);
      }
      const { plan, planning } = planned.value;
      const { engine } = plan;
      const provenance: Provenance = {
        versions: { pipe: pipeVersion(), node: process.version, ...engineLibraries(engine.name) },
        engine,
        git: await git,
        command: commandOf(files, options, cwd),
      };
      const head = { run: folder.id, startedAt: new Date().toISOString(), provenance };
      const record = await executeRun(options.report === false ? plan : withReport(plan), head, {
        store,
        executor: pool,
        settle: (node, inputs, recipe) => (recipe ? settleReport(recipe, store) : settle(node, inputs, planning)),
        folder,
        emit: options.onEvent ?? (() => {}),
        stop: options.signal ?? new AbortController().signal,
        clock: () => new Date(),
        warnings,
        report: (made) => reportRecipe([made], { cwd }),
      });
      return ok(summarizeRun(record, store, options));
    } finally {
      await pool.close();
      folder.close();
    }
  } catch (error) {
    const failure = storeFailure(error, shownPath(store.path, cwd));
    if (failure === undefined) throw error;
    return err([failure]);
  } finally {
    store.close();
  }
}

/**
 * The plan, for an engine that loads. Whether it does is tried in a worker, and only when something is to be computed:
 * the worker then has it loaded for its first stage. An engine that the user named has no substitute.
 */
async function planForWorkingEngine(
  plans: (engine: EngineChoice) => Planned,
  catalog: Catalog,
  pool: WorkerPool,
  store: Store,
  options: RunOptions,
  warnings: Diagnostic[],
): Promise<Diagnosed<Planned>> {
  const failed = new Map<EngineName, string>();
  for (let attempt = 1; ; attempt++) {
    const engine = chooseEngine(options.engine, failed);
    if (!engine.ok) return engine;
    const planned = plans(engine.value);
    const { nodes, states } = planned.plan;
    const computes = nodes.some(
      ({ id, stage }) => states.get(id)?.state !== "cached" && usesEngine(stage.kind, catalog),
    );
    if (!computes) return ok(planned);
    const { name } = engine.value;
    const task = { type: "probe", node: "probe", attempt, engine: name, storePath: store.path } as const;
    const outcome = await pool.run(task, () => {}, options.signal);
    if (outcome.status === "done" || options.signal?.aborted) {
      const { note } = engine.value;
      if (note !== undefined) warnings.push(engineFellBack(name, note));
      return ok(planned);
    }
    failed.set(name, whyNot(outcome));
  }
}

/**
 * The shortest command that makes the same results. How it was run (jobs, runs directory, output) is left out: that
 * changes no result, and would make equal reports differ.
 */
function commandOf(files: readonly string[], options: RunOptions, cwd: string): string {
  const words = ["pipe", "run", ...files.map((file) => insideProject(file, cwd))];
  for (const set of options.sets ?? []) words.push("--set", set);
  if (options.engine !== undefined) words.push("--engine", options.engine);
  if (options.until !== undefined) words.push("--until", options.until);
  return words.map(quoted).join(" ");
}

/** For a POSIX shell, where it would read more into a word than its letters. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The path to a file from here; its name alone where the path would show the user's home or leads to another disk. */
function insideProject(file: string, cwd: string): string {
  const way = relative(cwd, resolve(cwd, file));
  const steps = way.split(sep);
  const up = steps.filter((step) => step === "..");
  const outside = up.length > 0 && pathBelow(resolve(cwd, ...up), homedir()) !== null;
  return outside || isAbsolute(way) ? basename(file) : steps.join("/");
}
