/** Which process a run belongs to, so that one that was killed is not taken for running for ever. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { digestJson } from "../base/digest.js";
import type { RunStatus } from "../base/event.js";
import type { RunOwner, RunRecord, StageRecord, VariantRecord } from "../store/types.js";

/** How often a run says that it is still there. */
export const PULSE_MS = 5000;

/** A machine under load, or a locked cache, may be late by this much. */
const LATE_MS = 6 * PULSE_MS;

/** The reason of what was under way when its process went without a word. */
export const LOST = "its process was killed";

export function thisProcess(): RunOwner {
  return { pid: process.pid, started: startOf(process.pid), machine: thisMachine() };
}

/**
 * Whether the process of a run is there. Beside it, the system knows: a process has a number, and a time when it began,
 * since numbers come again. From elsewhere (another machine or container on a shared disk) all there is to go by is
 * when it was last heard of.
 * @param now milliseconds since 1970.
 */
export function isAlive({ owner, seenAt }: Pick<RunRecord, "owner" | "seenAt">, now: number): boolean {
  // Written by an early version.
  if (owner === undefined || seenAt === undefined) return false;
  if (owner.machine === thisMachine())
    return owner.started === null ? exists(owner.pid) : startOf(owner.pid) === owner.started;
  return now - Date.parse(seenAt) < LATE_MS;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is one, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process began, in the system's ticks; null where the system does not report it, or has no such process. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name, which may hold anything, brackets and spaces too.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? null : (rest[18] ?? null);
  } catch {
    return null;
  }
}

/** Equal for processes whose numbers mean the same: one start of one machine, one container of it. It identifies no person. */
function thisMachine(): string {
  const parts = [
    () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"),
    () => readlinkSync("/proc/self/ns/pid"),
  ];
  return digestJson([hostname(), ...parts.map(orNull)]).slice(0, 16);
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/**
 * The record of a run whose process is gone, as far as it had come when it was last heard of.
 * @param heardAt when it wrote something last, milliseconds since 1970; 0 where that is not known.
 */
export function lostRun(record: RunRecord, heardAt: number): RunRecord {
  const since = Math.max(0, heardAt - Date.parse(record.seenAt ?? record.startedAt));
  const made = cutShort({ ...record, durationMs: record.durationMs + since }, "interrupted", LOST, since);
  return { ...made, lost: true };
}

/**
 * The record of a run that goes no further: what was under way is interrupted, the rest skipped.
 * @param since how long after the record was made that was, in ms.
 */
export function cutShort(record: RunRecord, status: RunStatus, reason: string, since = 0): RunRecord {
  const { owner: _, seenAt: __, ...rest } = record;
  const variants = record.variants.map((variant): VariantRecord => {
    const stages = variant.stages.map((stage): StageRecord => {
      const { durationMs } = stage;
      if (stage.status === "running")
        return { ...stage, status: "interrupted", reason, durationMs: durationMs + since };
      return stage.status === "pending" ? { ...stage, status: "skipped", reason } : stage;
    });
    if (variant.status !== "running") return { ...variant, stages };
    const failed = stages.some((stage) => stage.status === "failed");
    const whole = stages.every(
      (stage) => stage.status === "cached" || stage.status === "ran" || stage.status === "resumed",
    );
    return { ...variant, stages, status: failed ? "failed" : whole ? "done" : "interrupted" };
  });
  return { ...rest, status, variants };
}
