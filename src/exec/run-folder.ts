import { randomBytes } from "node:crypto";
import { appendFileSync, closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { writeWhole } from "../base/disk.js";
import { diskAdvice } from "../base/disk-failure.js";
import type { RunEvent } from "../base/event.js";
import { err, ok, type Result } from "../base/result.js";

/** The folder of one run, `runs/<id>/`: what happened, what the workers said, and the report. */
export class RunFolder {
  readonly id: string;
  readonly path: string;
  readonly #files = new Map<string, number>();
  #failure: Diagnostic | null = null;
  #untold: Diagnostic | null = null;

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
    this.#append("events.jsonl", `${JSON.stringify(event)}\n`);
  }

  /** Appends to `worker.log` what a worker process wrote to its streams. */
  log(text: string): void {
    this.#append("worker.log", text);
  }

  /** Both files are for looking into later: a disk that does not take them is worth a word, and no reason to end a run. */
  #append(name: string, text: string): void {
    if (this.#failure !== null) return;
    try {
      let file = this.#files.get(name);
      if (file === undefined) {
        file = openSync(join(this.path, name), "a");
        this.#files.set(name, file);
      }
      appendFileSync(file, text);
    } catch (error) {
      this.#failure = { ...unusable(join(this.path, name), error), severity: "warning" };
      this.#untold = this.#failure;
    }
  }

  /** Why the files of this folder are not complete: returned once, null otherwise. */
  complaint(): Diagnostic | null {
    const complaint = this.#untold;
    this.#untold = null;
    return complaint;
  }

  /** @returns the report's path, or why the disk does not take it. */
  writeReport(html: Uint8Array): Result<string, Diagnostic[]> {
    const path = join(this.path, "report.html");
    try {
      writeWhole(path, html);
      return ok(path);
    } catch (error) {
      return err([unusable(path, error)]);
    }
  }

  /** For a run that was refused before it began. */
  discard(): void {
    this.close();
    rmSync(this.path, { recursive: true, force: true });
  }

  close(): void {
    for (const file of this.#files.values()) {
      try {
        closeSync(file);
      } catch {
        // A network disk says only now that it did not take all; the record of the run is elsewhere.
      }
    }
    this.#files.clear();
  }
}

/** Sortable by time, in UTC, with four random hexadecimal digits: `20261122-103000-ab12`. */
export function runId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}

/** @param path that cannot be written. */
function unusable(path: string, error: unknown): Diagnostic {
  return {
    code: "runs-dir-unusable",
    severity: "error",
    message: `cannot write ${path}: ${(error as Error).message}`,
    fix: diskAdvice(error, "choose another directory with --runs DIR"),
  };
}
