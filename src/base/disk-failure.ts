import type { Diagnostic } from "./diagnostic.js";

/** Why the system refuses a read or a write, and what the user can do about it; any other error is a bug. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "Free some space on that disk"],
  ["EDQUOT", "Free some of your files on that disk: your quota is used up"],
  ["EFBIG", "Raise the limit of how large a file may be (`ulimit -f`)"],
  ["EROFS", "Mount that disk so that it can be written"],
  ["EACCES", "Give yourself permission to write there"],
  ["EPERM", "Give yourself permission to write there"],
  ["EMFILE", "Raise the limit of open files (`ulimit -n`), or lower --jobs"],
  ["ENFILE", "Raise the system's limit of open files, or lower --jobs"],
  ["EIO", "Check that disk: it failed in reading or writing"],
  ["ENXIO", "Check that disk: it is not there any more"],
  ["ENODEV", "Check that disk: it is not there any more"],
  ["ESTALE", "Mount that network disk again"],
  ["ETIMEDOUT", "Check that network disk: it does not answer"],
]);

/** @param another where else it could go: `choose another place with --output`. */
export function diskAdvice(error: unknown, another: string): string {
  const advice = ADVICE.get(codeOf(error));
  return advice === undefined ? `${another.charAt(0).toUpperCase()}${another.slice(1)}.` : `${advice}, or ${another}.`;
}

/**
 * The diagnostic for an exception that the disk caused; undefined for any other.
 * @param what was being done: `pipe`, the name of a stage.
 */
export function diskFailure(what: string, error: unknown): Diagnostic | undefined {
  if (!ADVICE.has(codeOf(error)) || (error as NodeJS.ErrnoException).syscall === undefined) return undefined;
  const { path, message } = error as NodeJS.ErrnoException;
  // The system's words hold the path already, where it knows one.
  const where = path === undefined ? "a file" : path;
  return {
    code: "disk-failed",
    severity: "error",
    message: `${what} could not read or write ${where}: ${message}`,
    fix: diskAdvice(error, "use another disk for the runs directory (--runs DIR) and for temporary files (TMPDIR)"),
  };
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | null | undefined)?.code ?? "");
}
