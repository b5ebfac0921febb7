import { join, resolve } from "node:path";
import { err, ok } from "../../base/result.js";
import { artifactGone, reportFailed } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import { makeReport } from "../../exec/run.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";
import { reportRecipe } from "../report-input.js";
import { writeOutput } from "../write-output.js";
import { withRuns } from "./runs.js";
import type { Diagnosed } from "./store.js";

export interface ReportRequest extends Place {
  /** Where to write. Default: the first run's folder, `report.html`; `report-timings.html` with timings. */
  readonly output?: string;
  /** Adds the measured times of the stages, which no two runs share. */
  readonly timings?: boolean;
}

/** Writes the report of past runs again, several side by side. Returns its path. */
export async function report(runs: readonly string[], options: ReportRequest = {}): Promise<Diagnosed<string>> {
  const cwd = cwdOf(options);
  return withRuns(runs, options, async (records, store): Promise<Diagnosed<string>> => {
    const pool = new WorkerPool({ slots: 1, log: () => {} });
    try {
      const recipe = reportRecipe(records, { cwd, timings: options.timings === true });
      const outcome = await makeReport(recipe, store, pool);
      if (outcome.status === "failed") return err([reportFailed(outcome.diagnostics)]);
      if (outcome.status === "damaged") return err([artifactGone(outcome.digest)]);
      const [first] = records;
      const name = options.timings === true ? "report-timings.html" : "report.html";
      const path = resolve(cwd, options.output ?? join(runsDirOf(options), first?.run ?? "", name));
      const failure = writeOutput(path, outcome.html, cwd);
      return failure === undefined ? ok(shownPath(path, cwd)) : err([failure]);
    } finally {
      await pool.close();
    }
  });
}
