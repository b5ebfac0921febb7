import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.js";
import { WorkerPool } from "../../src/exec/pool.js";
import type { StageTask, TaskOutcome, TaskSignal } from "../../src/exec/protocol.js";

let log = "";
let pool = newPool();

function newPool(): WorkerPool {
  const entry = new URL("./fake-worker.js", import.meta.url);
  const write = (text: string): void => {
    log += text;
  };
  return new WorkerPool({ slots: 2, entry, log: write });
}

afterEach(async () => {
  await pool.close();
  pool = newPool();
  log = "";
});

function task(params: JsonObject): StageTask {
  const nothing = { seed: 1, engine: "cpu", inputs: {}, outputs: {}, files: [], storePath: "" } as const;
  return { type: "stage", node: "n1", attempt: 1, kind: "train", stage: "train", params, ...nothing };
}

function pidOf(outcome: TaskOutcome): number {
  if (outcome.status !== "done") throw new Error(JSON.stringify(outcome));
  return Number(outcome.outputs[0]?.name);
}

describe("worker pool", () => {
  it("reuses a process, and starts a second only when the first is busy", async () => {
    const first = await pool.run(task({}), () => {});
    const second = await pool.run(task({}), () => {});
    expect(pidOf(second)).toBe(pidOf(first));
    const [a, b] = await Promise.all([pool.run(task({}), () => {}), pool.run(task({}), () => {})]);
    expect(pidOf(a)).not.toBe(pidOf(b));
  });

  it("passes signals on, numbers that are no numbers included", async () => {
    const signals: TaskSignal[] = [];
    await pool.run(task({}), (signal) => signals.push(signal));
    expect(signals).toEqual([
      { type: "epoch", epoch: 1, epochs: 1, metrics: { train: { loss: Number.NaN } }, seconds: 0 },
    ]);
  });

  it("gives the next attempt a fresh process after a failure", async () => {
    const before = pidOf(await pool.run(task({}), () => {}));
    expect((await pool.run(task({ fail: true }), () => {})).status).toBe("failed");
    expect(pidOf(await pool.run(task({}), () => {}))).not.toBe(before);
  });

  it("tells that a process died, of what, and what it said last", async () => {
    const outcome = await pool.run(task({ say: "out of luck", exit: 3 }), () => {});
    expect(outcome).toMatchObject({ status: "lost", reason: "it exited with code 3; it said: out of luck" });
    expect((await pool.run(task({}), () => {})).status).toBe("done");
  });

  it.skipIf(process.platform === "win32")("takes a kill by the system for a want of memory", async () => {
    const outcome = await pool.run(task({ die: "SIGKILL" }), () => {});
    expect(outcome).toMatchObject({
      status: "lost",
      reason: "the system killed it (SIGKILL), most likely because memory ran out",
    });
  });

  it("keeps what processes print away from the terminal", async () => {
    await pool.run(task({ print: "Hi there, use our other package", say: "and this" }), () => {});
    await pool.close();
    expect(log.split("\n").sort()).toEqual(["", "[train n1] Hi there, use our other package", "[train n1] and this"]);
  });

  it("stops an attempt when it is told to", async () => {
    const stop = new AbortController();
    const running = pool.run(task({ hang: true }), () => stop.abort(), stop.signal);
    expect((await running).status).toBe("lost");
    expect((await pool.run(task({}), () => {}, stop.signal)).status).toBe("lost");
  });

  it("leaves no process behind", async () => {
    const pid = pidOf(await pool.run(task({}), () => {}));
    const hanging = new Promise<void>((resolve) => void pool.run(task({ hang: true }), () => resolve()));
    await hanging;
    await pool.close();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
