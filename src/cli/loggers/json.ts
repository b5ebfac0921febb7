import type { Terminal } from "../terminal.js";
import type { Logger } from "./logger.js";

/** One event a line, as docs/events.md describes them, and nothing else on standard output. */
export function jsonLogger(terminal: Terminal): Logger {
  return {
    sink: (event) => terminal.out(JSON.stringify(event)),
    close: async () => {},
  };
}
