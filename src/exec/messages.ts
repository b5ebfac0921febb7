/** Every text that the executor shows, so that they can be read side by side. */
import type { Diagnostic } from "../base/diagnostic.js";
import { type Digest, shortDigest } from "../base/digest.js";
import type { Stage } from "../spec/types.js";

/** Gives a stage's complaint its place in the YAML: what a stage knows is a path into its parameters. */
export function locate(stage: Stage, diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.at !== undefined) return diagnostic;
  const { path, ...rest } = diagnostic;
  return { ...rest, at: stage.locate(path ?? []) };
}

export function producerDamaged(stage: string, digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "warning",
    message: `the stored output of ${stage} is damaged (${shortDigest(digest)}) and will be made again`,
    fix: "Run `pipe cache verify` to check the rest of the cache",
  };
}

export function damageRepeated(stage: Stage, digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "error",
    message: `an input of ${stage.name} cannot be read (${shortDigest(digest)}), also after it was made again`,
    at: stage.locate([]),
    fix: "Check the disk that holds the runs directory, or choose another with --runs",
  };
}

export function retryAfterLoss(stage: Stage, reason: string): Diagnostic {
  return {
    code: "worker-lost",
    severity: "warning",
    message: `${stage.name} lost its process: ${reason}; it is tried once more`,
    at: stage.locate([]),
  };
}

export function lostTwice(stage: Stage, reason: string): Diagnostic {
  return {
    code: "worker-lost",
    severity: "error",
    message: `${stage.name} lost its process twice: ${reason}`,
    at: stage.locate([]),
    fix: "Lower --jobs or the batch size if memory is short; the run's worker.log has what the process said last",
  };
}

export function reportFailed(causes: readonly Diagnostic[]): Diagnostic {
  const why = causes.map((cause) => cause.message).join("; ");
  return {
    code: "report-failed",
    severity: "error",
    message: `the report could not be made${why === "" ? ": the process that renders it died" : `: ${why}`}`,
    fix: "The results are stored: try `pipe report latest`",
  };
}

/**
 * What became of a process, in words. Node reports a signal, or a code where the system has no signals.
 * @param lastWords the last line it wrote to standard error, empty if none.
 */
export function deathReason(code: number | null, signal: string | null, lastWords: string): string {
  const words = lastWords === "" ? "" : `; its last words: ${lastWords}`;
  if (signal === "SIGKILL") return `the system killed it (SIGKILL), most likely because memory ran out${words}`;
  if (signal === "SIGABRT" || code === 134) {
    return `it aborted (SIGABRT), most likely because memory ran out${words}`;
  }
  return signal === null ? `it exited with code ${code}${words}` : `it died of ${signal}${words}`;
}

/** What to say of an exception: that the disk is full, where it is that, and else that it is a bug. */
export function unexpected(what: string, error: unknown): Diagnostic {
  const code = (error as { code?: unknown } | null)?.code;
  if (code !== "SQLITE_FULL" && code !== "ENOSPC") return internalError(what, error);
  return {
    code: "disk-full",
    severity: "error",
    message: `${what} could not store its results: the disk is full`,
    fix: "Make room (`pipe cache gc` deletes what no result uses), or choose another place with --runs",
  };
}

function internalError(what: string, error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const stack = process.env.PIPE_DEBUG === "1" && error instanceof Error ? error.stack : undefined;
  return {
    code: "internal-error",
    severity: "error",
    message: `${what} stopped on an error that it should have foreseen: ${message}`,
    ...(stack === undefined ? {} : { received: stack }),
    fix: "This is a bug in pipe or in the stage: please report it with the output of the same run under PIPE_DEBUG=1",
  };
}
