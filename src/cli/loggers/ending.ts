import type { RunEvent } from "../../base/event.js";
import type { Terminal } from "../terminal.js";
import { duration } from "../text.js";

type Started = Extract<RunEvent, { type: "run-started" }>;
type Finished = Extract<RunEvent, { type: "stage-finished" }>;
type Ends = readonly { readonly stage: string; readonly end: Finished }[];

/** How each variant ended, printed once: as soon as its last stage has. */
export class Endings {
  readonly #variants: Started["variants"];
  readonly #colors: Terminal["noteColors"];
  readonly #finished = new Map<string, Finished>();
  /** Node → the last epoch that was seen of it: `epoch 7/100`. */
  readonly #epochs = new Map<string, string>();
  readonly #printed = new Set<string>();

  constructor(variants: Started["variants"], colors: Terminal["noteColors"]) {
    this.#variants = variants;
    this.#colors = colors;
  }

  /** One line for every variant that this event brings to its end. */
  after(event: RunEvent): readonly string[] {
    if (event.type === "epoch") this.#epochs.set(event.node, `epoch ${event.epoch}/${event.epochs}`);
    if (event.type !== "stage-finished") return [];
    this.#finished.set(event.node, event);
    return this.#variants.flatMap(({ name, stages }) => {
      const ends = stages.flatMap((stage) => {
        const end = this.#finished.get(stage.node);
        return end === undefined ? [] : [{ stage: stage.name, end }];
      });
      if (ends.length < stages.length || this.#printed.has(name)) return [];
      this.#printed.add(name);
      // What was stored from beginning to end stands in the table of results.
      return ends.every(({ end }) => end.status === "cached") ? [] : [this.#line(name, ends)];
    });
  }

  #line(name: string, ends: Ends): string {
    const { green, red, yellow } = this.#colors;
    const failed = ends.filter(({ end }) => end.status === "failed");
    if (failed.length > 0) {
      const failures = failed.map(({ stage, end }) => `${stage} failed after ${duration(end.durationMs)}`);
      return `${red("✖")} ${name}  ${failures.join(", ")}`;
    }
    const stopped = ends.find(({ end }) => end.status === "interrupted");
    if (stopped !== undefined) {
      const epoch = this.#epochs.get(stopped.end.node);
      const where = epoch === undefined ? stopped.stage : `${stopped.stage}, ${epoch},`;
      return `${yellow("■")} ${name}  interrupted in ${where} after ${duration(stopped.end.durationMs)}`;
    }
    const skipped = ends.find(({ end }) => end.status === "skipped");
    if (skipped !== undefined) return `${yellow("↓")} ${name}  skipped from ${skipped.stage} on: ${skipped.end.reason}`;
    const cached = ends.filter(({ end }) => end.status === "cached").length;
    const ran = ends.flatMap(({ stage, end }) =>
      end.status === "cached" ? [] : [`${stage} ${duration(end.durationMs)}`],
    );
    return `${green("✔")} ${name}  ${[...(cached > 0 ? [`${cached} cached`] : []), ...ran].join(", ")}`;
  }
}
