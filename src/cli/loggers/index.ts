import type { Terminal } from "../terminal.js";
import { jsonLogger } from "./json.js";
import type { Logger } from "./logger.js";
import { plainLogger } from "./plain.js";
import { ttyLogger } from "./tty.js";

/** Events on standard output where `json` is wanted; else on standard error, redrawn in place where that can be, or lines. */
export function createLogger(terminal: Terminal, json: boolean): Logger {
  if (json) return jsonLogger(terminal);
  return terminal.screen === null ? plainLogger(terminal) : ttyLogger(terminal, terminal.screen);
}
