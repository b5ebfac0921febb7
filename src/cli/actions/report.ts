import { join, resolve } from "node:path";
import { err, ok } from "../../base/result.js";
import { reportFailed } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import { contextOf } from "../../exec/record.js";
import { makeReport } from "../../exec/run.js";
import { onlyReport, settleReport } from "../../plan/index.js";
import type { RunRecord } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";
import { reportRecipe } from "../report-input.js";
import { writeOutput } from "../write-output.js";
import { withRuns } from "./runs.js";
import type { Diagnosed } from "./store.js";

export interface ReportRequest extends Place {
  /**
   * Where to write. Default: the first run's folder, `report.html`; several runs `report-with-<ids of the others>.html`;
   * with timings, `-timings` before the ending.
   */
  readonly output?: string;
  /** Adds the measured times of the stages, which no two runs share. */
  readonly timings?: boolean;
  /** Whether code of a project's own that the runs were made with may run. Default: true. */
  readonly ownCode?: boolean;
}

/** Writes the report of past runs again, several side by side. Returns its path. */
export async function report(runs: readonly string[], options: ReportRequest = {}): Promise<Diagnosed<string>> {
  const cwd = cwdOf(options);
  return withRuns(runs, options, async (named, store): Promise<Diagnosed<string>> => {
    // One run under two names, such as its id and `latest`, is shown once.
    const records = [...new Map(named.map((record) => [record.run, record])).values()];
    const pool = new WorkerPool({ slots: 1, log: () => {}, ownCode: options.ownCode ?? true });
    try {
      const recipe = reportRecipe(records, { cwd, timings: options.timings === true });
      const { engine } = contextOf(records[0] as RunRecord).provenance;
      const html = await makeReport(onlyReport(engine), recipe, {
        store,
        executor: pool,
        settle: () => settleReport(recipe, store),
      });
      if (!html.ok) {
        const plain = html.error.filter(({ code }) => code === "cache-damaged" || code === "own-code-refused");
        return err(plain.length > 0 ? plain : [reportFailed(html.error)]);
      }
      const path = resolve(cwd, options.output ?? join(runsDirOf(options), defaultPath(records, options)));
      const failure = writeOutput(path, html.value, cwd);
      return failure === undefined ? ok(shownPath(path, cwd)) : err([failure]);
    } finally {
      await pool.close();
    }
  });
}

/** A run's own page is left as the run wrote it. */
function defaultPath(records: readonly RunRecord[], { timings }: ReportRequest): string {
  const [first, ...others] = records.map(({ run }) => run) as [string, ...string[]];
  const together = others.length === 0 ? "" : `-with-${others.join("-")}`;
  return join(first, `report${together}${timings === true ? "-timings" : ""}.html`);
}
