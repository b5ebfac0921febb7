import type { RunEvent } from "../../base/event.js";
import { endOfTraining } from "../results.js";
import type { Screen, Terminal } from "../terminal.js";
import { boardRenderer } from "./board.js";
import { Endings } from "./ending.js";
import type { Logger } from "./logger.js";
import { nodeNames } from "./names.js";
import { losses } from "./plain.js";
import { ProgressLine } from "./progress.js";

type Started = Extract<RunEvent, { type: "run-started" }>;
type Finished = Extract<RunEvent, { type: "stage-finished" }>;

/**
 * What runs now, redrawn in place; a variant that has come to its end leaves one line above. Drawn, and listr2 loaded, only
 * once something runs, so that a run which finds everything stored shows its result and nothing else.
 */
export function ttyLogger(terminal: Terminal, screen: Screen, clock: () => number = () => performance.now()): Logger {
  let started: Started | null = null;
  let tasks: Promise<Tasks> | null = null;
  const missed: RunEvent[] = [];
  const show = (open: Tasks): void => {
    for (const event of missed.splice(0)) open.show(event);
  };
  return {
    sink(event) {
      if (event.type === "run-started") started = event;
      else if (event.type === "warning") terminal.diagnose([event.diagnostic]);
      if (event.type === "stage-started" && tasks === null && started !== null) {
        // Which engine computes, and how slowly, is shown from the beginning.
        if (started.engineNote !== undefined) terminal.note(`engine ${started.engine}: ${started.engineNote}`);
        tasks = Tasks.open(started, terminal, screen, clock);
      }
      missed.push(event);
      void tasks?.then(show);
    },
    async close() {
      const open = await tasks;
      if (open === null) return;
      show(open);
      await open.close();
    },
  };
}

/** The stages of a run as tasks of listr2, which wants tasks that run: each is a promise that the events settle. */
class Tasks {
  readonly #terminal: Terminal;
  readonly #stages: ReadonlyMap<string, StageTask>;
  readonly #endings: Endings;
  #done: Promise<unknown> = Promise.resolve();

  private constructor(started: Started, terminal: Terminal, clock: () => number) {
    this.#terminal = terminal;
    const nodes = started.variants.flatMap(({ stages }) => stages.map(({ node }) => node));
    this.#stages = new Map(nodes.map((node) => [node, new StageTask(clock)]));
    this.#endings = new Endings(started.variants, terminal.noteColors);
  }

  static async open(started: Started, terminal: Terminal, screen: Screen, clock: () => number): Promise<Tasks> {
    const { Listr } = await import("listr2");
    const tasks = new Tasks(started, terminal, clock);
    const names = nodeNames(started);
    const list = [...tasks.#stages].map(([node, stage]) => ({
      title: names.get(node) ?? node,
      task: (_: unknown, row: { output: string }) => stage.attach(row),
    }));
    tasks.#done = new Listr(list, {
      concurrent: true,
      exitOnError: false,
      // Ctrl-C is the command's to hear.
      registerSignalListeners: false,
      renderer: boardRenderer(terminal, screen, clock),
    }).run();
    return tasks;
  }

  show(event: RunEvent): void {
    if ("node" in event) this.#stages.get(event.node)?.show(event);
    for (const line of this.#endings.after(event)) this.#terminal.note(line);
  }

  async close(): Promise<void> {
    // A run that ended early leaves stages without a word.
    for (const stage of this.#stages.values()) stage.end();
    await this.#done;
  }
}

/** One stage. Events may come before listr2 has begun its task. */
class StageTask {
  readonly #progress: ProgressLine;
  readonly #over: Promise<void>;
  #settle: (failed: boolean) => void = () => {};
  #row: { output: string } | null = null;
  #text: string | null = null;

  constructor(clock: () => number) {
    this.#progress = new ProgressLine(clock);
    this.#over = new Promise((resolve, reject) => {
      this.#settle = (failed) => (failed ? reject(new Error("failed")) : resolve());
    });
    // It may fail before listr2 listens.
    this.#over.catch(() => {});
  }

  attach(row: { output: string }): Promise<void> {
    this.#row = row;
    if (this.#text !== null) row.output = this.#text;
    return this.#over;
  }

  show(event: Extract<RunEvent, { readonly node: string }>): void {
    if (event.type === "stage-started") this.#say(event.reason);
    else if (event.type === "stage-progress") this.#say(this.#progress.update(event));
    else if (event.type === "epoch") this.#say(`epoch ${event.epoch}/${event.epochs}  ${losses(event.metrics)}`);
    else if (event.type === "training-ended")
      this.#say(endOfTraining(event.epoch, event.epochs, event.kept, event.chosenBy));
    else if (event.type === "stage-finished") this.end(event);
  }

  #say(text: string): void {
    this.#text = text;
    if (this.#row !== null) this.#row.output = text;
  }

  end(finished?: Finished): void {
    this.#settle(finished?.status === "failed");
  }
}
