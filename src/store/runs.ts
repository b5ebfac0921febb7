import type { Connection } from "./driver.js";
import type { RunRecord, Store } from "./types.js";

type Runs = Pick<Store, "saveRun" | "listRuns" | "findRun">;

/** The record of runs. A record is one JSON value; the views take it apart. */
export function runRecords(db: Connection): Runs {
  const save = db.prepare(
    "INSERT INTO run (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
  );
  // Two runs may start in the same millisecond: the row id breaks the tie.
  const newest = db
    .prepare<[number], string>("SELECT record FROM run ORDER BY started_at DESC, rowid DESC LIMIT ?")
    .pluck();
  const byId = db.prepare<[string], string>("SELECT record FROM run WHERE id = ?").pluck();
  const byPrefix = db
    .prepare<[string, string], string>("SELECT id FROM run WHERE substr(id, 1, length(?)) = ? ORDER BY id")
    .pluck();

  const listRuns = (limit = -1) => newest.all(limit).map((record) => JSON.parse(record) as RunRecord);
  const read = (id: string) => {
    const record = byId.get(id);
    return record === undefined ? undefined : (JSON.parse(record) as RunRecord);
  };

  return {
    saveRun: (run) => void save.run(run.run, JSON.stringify(run)),
    listRuns,
    findRun(ref) {
      // A run whose id is a prefix of another's can still be named: the whole id comes first.
      const exact = read(ref);
      if (exact !== undefined) return { run: exact };
      const [latest] = ref === "latest" ? listRuns(1) : [];
      if (latest !== undefined) return { run: latest };
      const candidates = ref === "" ? [] : byPrefix.all(ref, ref);
      const [only] = candidates;
      const run = candidates.length === 1 && only !== undefined ? read(only) : undefined;
      return run === undefined ? { candidates } : { run };
    },
  };
}
