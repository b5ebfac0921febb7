import { basename } from "node:path";
import type { ReadProgress } from "../base/file-content.js";
import type { Terminal } from "./terminal.js";
import { bytes } from "./text.js";

/** What takes less than a part of a second to read is not worth a word. */
const LARGE_BYTES = 200_000_000;

const NOTE_MS = 5000;

/** Tells on standard error that a large file is being read before anything is planned, and how far that is. */
export function readingNotes(terminal: Terminal, clock: () => number = () => performance.now()): ReadProgress {
  let last = 0;
  return ({ path, done, total }) => {
    if (total < LARGE_BYTES) return;
    if (done === 0) terminal.note(`reading ${basename(path)} (${bytes(total)}), to know whether it changed`);
    else if (clock() - last < NOTE_MS) return;
    else terminal.note(`reading ${basename(path)}: ${Math.floor((100 * done) / total)} %`);
    last = clock();
  };
}
