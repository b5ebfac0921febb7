import type { EpochMetrics, RunEvent } from "../../base/event.js";
import { endOfTraining } from "../results.js";
import type { Terminal } from "../terminal.js";
import { duration, metric } from "../text.js";
import type { Logger } from "./logger.js";
import { nodeNames } from "./names.js";
import { ProgressLine } from "./progress.js";

/** An epoch is worth a line at most this often, besides the first and the last, and so is what lasts longer: logs are kept. */
const LINE_MS = 5000;

/** Lines without escape codes, for files, pipes and continuous integration. What is stored already is not printed. */
export function plainLogger(terminal: Terminal, clock: () => number = () => performance.now()): Logger {
  let names: ReadonlyMap<string, string> = new Map();
  const lastEpoch = new Map<string, number>();
  /** Node → where it stands, and when it last began or ended something. */
  const lines = new Map<string, { readonly line: ProgressLine; since: number }>();
  const say = (node: string, text: string): void => terminal.note(`${names.get(node) ?? node}: ${text}`);

  function started(event: Extract<RunEvent, { type: "stage-started" }>): void {
    lines.set(event.node, { line: new ProgressLine(clock), since: clock() });
    say(event.node, `started (${event.reason})`);
  }

  function progress(event: Extract<RunEvent, { type: "stage-progress" }>): void {
    const known = lines.get(event.node);
    if (known === undefined) return;
    const text = known.line.update(event);
    const first = event.done === 0 && event.doing !== undefined;
    if (!first && clock() - known.since < LINE_MS) return;
    known.since = clock();
    say(event.node, text);
  }

  function epoch(event: Extract<RunEvent, { type: "epoch" }>): void {
    const now = clock();
    const known = lines.get(event.node);
    if (known !== undefined) known.since = now;
    const last = lastEpoch.get(event.node);
    const due = last === undefined || now - last >= LINE_MS || event.epoch === event.epochs;
    if (!due) return;
    lastEpoch.set(event.node, now);
    const seconds = duration(event.seconds * 1000);
    say(event.node, `epoch ${event.epoch}/${event.epochs}  ${losses(event.metrics)}  ${seconds}`);
  }

  function finished(event: Extract<RunEvent, { type: "stage-finished" }>): void {
    if (event.status === "ran" || event.status === "resumed") say(event.node, `done in ${duration(event.durationMs)}`);
    else if (event.status === "failed") say(event.node, `failed after ${duration(event.durationMs)}`);
    else if (event.status === "interrupted") say(event.node, `interrupted after ${duration(event.durationMs)}`);
    else if (event.status === "skipped") say(event.node, `skipped: ${event.reason}`);
  }

  return {
    sink(event) {
      switch (event.type) {
        case "run-started":
          names = nodeNames(event);
          terminal.note(`run ${event.run} (engine ${event.engine}, ${event.jobs} at a time)`);
          break;
        case "stage-started":
          started(event);
          break;
        case "stage-progress":
          progress(event);
          break;
        case "epoch":
          epoch(event);
          break;
        case "training-ended":
          say(event.node, endOfTraining(event.epoch, event.epochs, event.kept, event.chosenBy));
          break;
        case "stage-finished":
          finished(event);
          break;
        case "warning":
          terminal.diagnose([event.diagnostic]);
          break;
        case "run-finished":
          terminal.note(
            `${event.status} in ${duration(event.durationMs)}: ${event.ran} ran, ${event.cached} cached, ` +
              `${event.failed} failed, ${event.interrupted > 0 ? `${event.interrupted} interrupted, ` : ""}` +
              `${event.skipped} skipped`,
          );
          break;
        default:
          break;
      }
    },
    close: async () => {},
  };
}

/** `train loss 145.20  test loss 147.56` */
export function losses(metrics: EpochMetrics): string {
  return Object.entries(metrics)
    .flatMap(([split, values]) => (values.loss === undefined ? [] : [`${split} loss ${metric(values.loss)}`]))
    .join("  ");
}
