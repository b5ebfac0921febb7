import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isAlive, LOST, lostRun, thisProcess } from "../../src/exec/owner.js";
import { runRecord, stageRecord } from "../store/rig.js";

const NOW = Date.parse("2026-01-01T01:00:00.000Z");
const seenAt = "2026-01-01T00:00:00.000Z";

describe("a run's process", () => {
  it("that is there is alive, however long ago it was heard of", () => {
    expect(isAlive({ owner: thisProcess(), seenAt }, NOW)).toBe(true);
  });

  it("that has ended is not, as soon as it has", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    expect(isAlive({ owner: { ...thisProcess(), pid, started: "1" }, seenAt }, Date.parse(seenAt))).toBe(false);
    expect(isAlive({ owner: { ...thisProcess(), pid, started: null }, seenAt }, Date.parse(seenAt))).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("whose number another process has now is gone", () => {
    expect(isAlive({ owner: { ...thisProcess(), started: "1" }, seenAt }, NOW)).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("that was killed and that nobody has buried is gone", async () => {
    // A shell that becomes another program and never asks after its child.
    const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 30"]);
    try {
      const child = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
      const owner = { ...thisProcess(), pid: child, started: startOf(child) };
      expect(isAlive({ owner, seenAt }, NOW)).toBe(true);
      process.kill(child, "SIGKILL");
      while (stateOf(child) !== "Z") await new Promise((resolve) => setImmediate(resolve));
      expect(isAlive({ owner, seenAt }, NOW)).toBe(false);
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("of another machine counts as long as it was heard of lately", () => {
    const owner = { ...thisProcess(), machine: "another" };
    expect(isAlive({ owner, seenAt }, Date.parse(seenAt) + 20_000)).toBe(true);
    expect(isAlive({ owner, seenAt }, NOW)).toBe(false);
  });

  it("is not known of records of early versions: they are not running any more", () => {
    expect(isAlive({}, NOW)).toBe(false);
  });
});

describe("the record of a run whose process is gone", () => {
  const ran = { ...stageRecord("load", "f", []), durationMs: 100 };
  const running = { ...ran, name: "train", status: "running", durationMs: 2000 } as const;
  const pending = { ...ran, name: "evaluate", status: "pending", durationMs: 0, fingerprint: null } as const;
  const record = {
    ...runRecord("r", seenAt, [ran, running, pending]),
    status: "running",
    durationMs: 3000,
    seenAt: "2026-01-01T00:00:03.000Z",
    owner: thisProcess(),
  } as const;
  const [variant] = record.variants;
  if (variant === undefined) throw new Error("no variant");

  it("says what was under way, until when, and what never began", () => {
    const made = lostRun(
      { ...record, variants: [{ ...variant, status: "running" }] },
      Date.parse(record.seenAt) + 1500,
    );
    expect(made).toMatchObject({ status: "interrupted", lost: true, durationMs: 4500 });
    expect(made).not.toHaveProperty("owner");
    expect(made.variants[0]?.status).toBe("interrupted");
    expect(made.variants[0]?.stages.map(({ status, durationMs, reason }) => [status, durationMs, reason])).toEqual([
      ["ran", 100, "never ran"],
      ["interrupted", 3500, LOST],
      ["skipped", 0, LOST],
    ]);
  });

  it("keeps what was over: variants that were done, and failures", () => {
    const variants = [
      { ...variant, status: "done", stages: [ran] },
      { ...variant, status: "running", stages: [{ ...ran, status: "failed" }, pending] },
      { ...variant, status: "running", stages: [ran, { ...ran, status: "cached" }] },
    ] as const;
    expect(lostRun({ ...record, variants }, 0).variants.map(({ status }) => status)).toEqual([
      "done",
      "failed",
      "done",
    ]);
  });
});

function statOf(pid: number): string[] {
  const text = spawnSync("cat", [`/proc/${pid}/stat`]).stdout.toString();
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

const stateOf = (pid: number): string | undefined => statOf(pid)[0];
const startOf = (pid: number): string => statOf(pid)[19] as string;
