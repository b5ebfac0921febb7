import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import type { RunEvent } from "../base/event.js";
import { err, ok, type Result } from "../base/result.js";

/** The folder of one run, `runs/<id>/`: what happened, what the workers said, and the report. */
export class RunFolder {
  readonly id: string;
  readonly path: string;
  #events: number | null = null;
  #log: number | null = null;

  private constructor(id: string, path: string) {
    this.id = id;
    this.path = path;
  }

  /** Makes a folder with an id that no other run has. The runs directory is there: the store is in it. */
  static create(runsDir: string, now: Date): Result<RunFolder, Diagnostic[]> {
    for (;;) {
      const id = runId(now);
      const path = join(runsDir, id);
      try {
        mkdirSync(path);
        return ok(new RunFolder(id, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") return err([unusable(runsDir, error)]);
      }
    }
  }

  /** Appends to `events.jsonl`. Progress is left out: it matters only while it happens. */
  record(event: RunEvent): void {
    if (event.type === "stage-progress") return;
    this.#events ??= openSync(join(this.path, "events.jsonl"), "a");
    writeSync(this.#events, `${JSON.stringify(event)}\n`);
  }

  /** Appends to `worker.log` what a worker process wrote to its streams. */
  log(text: string): void {
    this.#log ??= openSync(join(this.path, "worker.log"), "a");
    writeSync(this.#log, text);
  }

  /** @returns the report's path, or why the disk does not take it. */
  writeReport(html: Uint8Array): Result<string, Diagnostic[]> {
    const path = join(this.path, "report.html");
    try {
      writeFileSync(path, html);
      return ok(path);
    } catch (error) {
      return err([unusable(this.path, error)]);
    }
  }

  /** For a run that was refused before it began. */
  discard(): void {
    this.close();
    rmSync(this.path, { recursive: true, force: true });
  }

  close(): void {
    if (this.#events !== null) closeSync(this.#events);
    if (this.#log !== null) closeSync(this.#log);
    this.#events = null;
    this.#log = null;
  }
}

/** Sortable by time, in UTC, with four random hexadecimal digits: `20261122-103000-ab12`. */
export function runId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}

function unusable(folder: string, error: unknown): Diagnostic {
  return {
    code: "runs-dir-unusable",
    severity: "error",
    message: `cannot write to ${folder}: ${(error as Error).message}`,
    fix: "Make it writable, or choose another with --runs DIR.",
  };
}
