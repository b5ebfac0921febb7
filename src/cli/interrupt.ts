import { constants } from "node:os";
import type { Terminal } from "./terminal.js";

/** The user's request to stop. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back its usual meaning. */
  release(): void;
}

/** Ctrl-C, a process manager, a terminal that is closed. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The first of these signals asks for an end, the second makes one. */
export function onInterrupt(terminal: Terminal): Interrupt {
  const controller = new AbortController();
  const hear = (name: NodeJS.Signals): void => {
    // The workers go with this process: the pool sees to it.
    if (controller.signal.aborted) process.exit(128 + (constants.signals[name] ?? 2));
    terminal.note("stopping; once more to end at once");
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, hear);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.removeListener(name, hear);
    },
  };
}
