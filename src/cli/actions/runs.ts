import { statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok } from "../../base/result.js";
import { isAlive, lostRun } from "../../exec/owner.js";
import type { RunRecord, Store } from "../../store/types.js";
import { type Place, runsDirOf } from "../paths.js";
import { type Diagnosed, withExisting } from "./store.js";
import { identityOf, type RunIdentity, type RunSummary, summarizeRun } from "./summary.js";

/** One line of `pipe list`. */
export interface RunLine extends RunIdentity {
  readonly variants: readonly string[];
}

/** Past runs, newest first. */
export async function list(options: Place & { readonly limit?: number } = {}): Promise<Diagnosed<readonly RunLine[]>> {
  return withExisting(options, (store) =>
    ok(
      (store?.listRuns(options.limit) ?? []).map(asItIs(store, runsDirOf(options))).map((record) => ({
        ...identityOf(record),
        variants: record.variants.map(({ name }) => name),
      })),
    ),
  );
}

/** One run: by its id, a unique prefix of it, or `latest`. */
export async function show(run: string, options: Place = {}): Promise<Diagnosed<RunSummary>> {
  return withRuns([run], options, ([record], store) => ok(summarizeRun(record as RunRecord, store, options)));
}

/** Finds runs and hands them over while the store is open. */
export function withRuns<T>(
  refs: readonly string[],
  place: Place,
  use: (records: readonly RunRecord[], store: Store) => Diagnosed<T> | Promise<Diagnosed<T>>,
): Promise<Diagnosed<T>> {
  return withExisting(place, (store) => {
    if (store === null) return err([noRunsYet()]);
    const records: RunRecord[] = [];
    const complaints: Diagnostic[] = [];
    for (const ref of refs) {
      const found = store.findRun(ref);
      if ("run" in found) records.push(asItIs(store, runsDirOf(place))(found.run));
      else complaints.push(noSuchRun(ref, found.candidates));
    }
    return complaints.length > 0 ? err(complaints) : use(records, store);
  });
}

/**
 * A record as things stand now: a running one is as old as it is, and one whose process is gone is corrected, also in
 * the store, so that other programs that read it see the same.
 */
function asItIs(store: Store | null, runsDir: string): (record: RunRecord) => RunRecord {
  return (record) => {
    if (record.status !== "running") return record;
    const now = Date.now();
    if (isAlive(record, now)) return { ...record, durationMs: Math.max(0, now - Date.parse(record.startedAt)) };
    // It may have come to its end since the record was read.
    const newest = store?.findRun(record.run);
    if (newest !== undefined && "run" in newest && newest.run.status !== "running") return newest.run;
    const lost = lostRun(record, lastWords(join(runsDir, record.run)));
    try {
      store?.saveRun(lost);
    } catch {
      // A full disk does not prevent reading.
    }
    return lost;
  };
}

/** When something was last written into a run's folder; 0 where nothing is left of it. */
function lastWords(folder: string): number {
  const times = ["events.jsonl", "worker.log"].map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs,
  );
  return Math.round(Math.max(0, ...times.map((time) => time ?? 0)));
}

function noRunsYet(): Diagnostic {
  return {
    code: "no-such-run",
    severity: "error",
    message: "there are no runs yet",
    fix: "Start one with `pipe run FILE`, or say where they are with --runs DIR.",
  };
}

function noSuchRun(ref: string, candidates: readonly string[]): Diagnostic {
  const message =
    candidates.length === 0
      ? `there is no run ${ref}`
      : `${ref} is the beginning of several runs: ${candidates.join(", ")}`;
  return { code: "no-such-run", severity: "error", message, fix: "Run `pipe list` for the ids, or say `latest`." };
}
