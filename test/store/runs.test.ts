import fc from "fast-check";
import { expect, test } from "vitest";
import { open, runRecord } from "./rig.js";

test("a record is replaced as its run goes on", () => {
  const store = open();
  const done = runRecord("r1", "2026-01-01T00:00:00.000Z");
  store.saveRun({ ...done, status: "running", report: null });
  store.saveRun(done);
  expect(store.listRuns()).toEqual([done]);
});

test("runs are listed newest first, those of one moment in the order in which they were written", () => {
  const store = open();
  store.saveRun(runRecord("b", "2026-01-02T00:00:00.000Z"));
  store.saveRun(runRecord("a", "2026-01-02T00:00:00.000Z"));
  store.saveRun(runRecord("c", "2026-01-01T00:00:00.000Z"));
  expect(store.listRuns().map(({ run }) => run)).toEqual(["a", "b", "c"]);
  expect(store.listRuns(1).map(({ run }) => run)).toEqual(["a"]);
  expect(store.findRun("latest")).toEqual({ run: runRecord("a", "2026-01-02T00:00:00.000Z") });
});

test("an empty store has no latest run", () => {
  expect(open().findRun("latest")).toEqual({ candidates: [] });
  expect(open().listRuns()).toEqual([]);
});

test("any unique prefix finds its run, any other names the candidates", () => {
  const store = open();
  const char = fc.constantFrom("a", "b", "-", "%", "_", "'", "é", "0");
  const id = fc.string({ unit: char, minLength: 1, maxLength: 6 });
  const ids = new Set<string>();
  fc.assert(
    fc.property(id, id, (added, ref) => {
      ids.add(added);
      store.saveRun(runRecord(added, "2026-01-01T00:00:00.000Z"));
      const matching = [...ids].filter((known) => known.startsWith(ref));
      const expected = ids.has(ref) ? ref : matching.length === 1 ? matching[0] : undefined;
      const found = store.findRun(ref);
      if (expected !== undefined) expect("run" in found && found.run.run).toBe(expected);
      else expect("candidates" in found && new Set(found.candidates)).toEqual(new Set(matching));
    }),
    { numRuns: 300, seed: 3 },
  );
  expect(store.findRun("")).toEqual({ candidates: [] });
});
