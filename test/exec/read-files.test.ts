import { expect, it } from "vitest";
import { digestBytes, digestJson } from "../../src/base/digest.js";
import type { Plan } from "../../src/plan/types.js";
import { planOf, start } from "./fakes.js";

const path = ["train", "images"];
const [planned, other, third] = ["planned", "other", "third"].map(digestBytes) as [string, string, string];
const partsWith = (digest: string) => ({ kind: "load", params: { train: { images: { file: digest } }, limit: 3 } });

/** A plan whose first stage reads a file. */
function readingPlan(): Plan {
  const plan = planOf({ load: [], train: ["load"] });
  const [load, ...rest] = plan.nodes;
  if (load === undefined) throw new Error("no node");
  const stage = { ...load.stage, files: [{ path, absolute: "/data/images.idx" }] };
  const parts = partsWith(planned);
  const state = { state: "run", fingerprint: digestJson(parts), parts, reason: "first run" } as const;
  return { ...plan, nodes: [{ ...load, stage }, ...rest], states: new Map([...plan.states, ["load", state]]) };
}

const made = { outputs: [], durationMs: 5, peakBytes: 9 };

it("a stage that read what was planned is stored under the plan's fingerprint", async () => {
  const { executor, store, end } = start(readingPlan());
  const outputs = [{ name: "out", kind: "dataset", digest: digestBytes("d"), bytes: 1 }];
  await executor.of("load").finish({ status: "done", ...made, outputs, read: [{ path, digest: planned }] });
  await executor.of("train").done();
  expect((await end).get("load")).toMatchObject({ status: "ran", fingerprint: digestJson(partsWith(planned)) });
  expect(store.forgotten).toEqual([]);
});

it("a stage that read something else is stored under what it read, fails, and nothing goes on from it", async () => {
  const { executor, store, end } = start(readingPlan());
  await executor.of("load").finish({ status: "done", ...made, read: [{ path, digest: other }] });
  const outcomes = await end;
  expect(outcomes.get("load")).toMatchObject({
    status: "failed",
    diagnostics: [{ code: "file-changed", message: expect.stringContaining("images.idx was changed"), at: {} }],
  });
  expect(outcomes.get("train")).toMatchObject({ status: "skipped", reason: "load failed" });
  expect([...store.results.keys()]).toEqual([digestJson(partsWith(other))]);
  expect(store.results.get(digestJson(partsWith(other)))?.parts).toEqual(partsWith(other));
  expect(store.forgotten).toEqual(["/data/images.idx"]);
});

it("what was made from two states of one file is stored under neither", async () => {
  for (const digests of [
    [planned, other],
    [other, third],
  ]) {
    const { executor, store, end } = start(readingPlan());
    await executor.of("load").finish({ status: "done", ...made, read: digests.map((digest) => ({ path, digest })) });
    expect((await end).get("load")?.diagnostics).toHaveLength(1);
    expect([...store.results.keys()]).toEqual([]);
  }
});

it("a stage that failed over a changed file says both", async () => {
  const { executor, end } = start(readingPlan());
  const diagnostics = [{ code: "idx-truncated", severity: "error", message: "cut short" }] as const;
  await executor.of("load").finish({ status: "failed", diagnostics, durationMs: 1, read: [{ path, digest: other }] });
  expect((await end).get("load")?.diagnostics.map(({ code }) => code)).toEqual(["file-changed", "idx-truncated"]);
});
