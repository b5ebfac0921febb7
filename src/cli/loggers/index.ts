import type { Terminal } from "../terminal.js";
import { jsonLogger } from "./json.js";
import type { Logger } from "./logger.js";
import { plainLogger } from "./plain.js";
import { ttyLogger } from "./tty.js";

/** `tty` redraws in place, `plain` writes lines, both to standard error; `json` writes events to standard output. */
export type LoggerKind = "tty" | "plain" | "json";

export function createLogger(terminal: Terminal, kind: LoggerKind): Logger {
  if (kind === "json") return jsonLogger(terminal);
  return kind === "tty" ? ttyLogger(terminal) : plainLogger(terminal);
}
