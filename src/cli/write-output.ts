import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { makeFolder } from "../base/disk.js";
import { shownPath } from "./paths.js";

/** Writes a file that the user asked for, and the folders on the way. Returns why it cannot. */
export function writeOutput(path: string, content: Uint8Array, cwd: string): Diagnostic | undefined {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content);
    return undefined;
  } catch (error) {
    const message = `cannot write ${shownPath(path, cwd)}: ${(error as Error).message}`;
    return { code: "output-unwritable", severity: "error", message, fix: "Choose another place with --output." };
  }
}
