import type { EventSink } from "../../base/event.js";

/** Shows the events of one run. */
export interface Logger {
  readonly sink: EventSink;
  /** Waits until everything is shown. */
  close(): Promise<void>;
}
