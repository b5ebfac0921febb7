import type { Diagnostic } from "./diagnostic.js";

/** A file that an export makes, as its bytes. */
export interface ExportedFile {
  /** Folders and file with `/` between, each a safe file name, unique in the export. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** A file that an export wrote itself, since it can be large. */
export interface WrittenFile {
  /** Below the folder that it was given, with `/` between. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * A complaint where not every part of a file's path below its folder is what every system accepts as a name. A store may come from
 * another person, and with it the names in it.
 */
export function unsafePath(path: string): Diagnostic | undefined {
  if (path.split("/").every((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))) return undefined;
  return {
    code: "unsafe-name",
    severity: "error",
    message: `no file is written for ${JSON.stringify(path)}, which is not a safe file name`,
    fix: "Choose other variants or splits with --variant and --split.",
  };
}
