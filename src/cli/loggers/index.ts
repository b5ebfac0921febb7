import type { EventSink } from "../../base/event.js";
import type { Terminal } from "../terminal.js";
import { jsonLogger } from "./json.js";
import { plainLogger } from "./plain.js";
import { ttyLogger } from "./tty.js";

/** Shows the events of one run. */
export interface Logger {
  readonly sink: EventSink;
  /** Waits until everything is shown. */
  close(): Promise<void>;
}

/** `tty` redraws in place, `plain` writes lines, both to standard error; `json` writes events to standard output. */
export type LoggerKind = "tty" | "plain" | "json";

export function createLogger(terminal: Terminal, kind: LoggerKind): Logger {
  if (kind === "json") return jsonLogger(terminal);
  return kind === "tty" ? ttyLogger(terminal) : plainLogger(terminal);
}
