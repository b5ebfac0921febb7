import { dirname } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { makeFolder, writeWhole } from "../base/disk.js";
import { diskAdvice } from "../base/disk-failure.js";
import { shownPath } from "./paths.js";

/** Writes a file that the user asked for, and the folders on the way. Returns why it cannot. */
export function writeOutput(path: string, content: Uint8Array, cwd: string): Diagnostic | undefined {
  try {
    makeFolder(dirname(path));
    writeWhole(path, content);
    return undefined;
  } catch (error) {
    const message = `cannot write ${shownPath(path, cwd)}: ${(error as Error).message}`;
    const fix = diskAdvice(error, "choose another place with --output");
    return { code: "output-unwritable", severity: "error", message, fix };
  }
}
