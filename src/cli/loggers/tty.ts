import type { Diagnostic } from "../../base/diagnostic.js";
import type { RunEvent } from "../../base/event.js";
import type { Terminal } from "../terminal.js";
import { duration } from "../text.js";
import type { Logger } from "./logger.js";
import { losses } from "./plain.js";
import { ProgressLine } from "./progress.js";

type Started = Extract<RunEvent, { type: "run-started" }>;

/**
 * Variants and their stages, redrawn in place. listr2 wants tasks that run; here each is a promise which the events
 * settle. A stage that several variants share is shown in each. Drawn (and loaded) only once something runs, so
 * that a run which finds everything stored shows its result and nothing else.
 */
export function ttyLogger(terminal: Terminal): Logger {
  let started: Started | null = null;
  let board: Promise<Board> | null = null;
  const missed: RunEvent[] = [];
  const warnings: Diagnostic[] = [];

  return {
    sink(event) {
      if (event.type === "run-started") started = event;
      else if (event.type === "warning") warnings.push(event.diagnostic);
      if (event.type === "stage-started" && board === null && started !== null) {
        // Warnings wait for the end; who computes, and how slowly, is worth knowing from the beginning.
        if (started.engineNote !== undefined) terminal.note(`engine ${started.engine}: ${started.engineNote}`);
        board = Board.open(started);
      }
      missed.push(event);
      void board?.then((open) => {
        for (const each of missed.splice(0)) open.show(each);
      });
    },
    async close() {
      const open = await board;
      for (const each of missed.splice(0)) open?.show(each);
      await open?.close();
      // Not while the board is drawn: its next frame would wipe them away.
      terminal.diagnose(warnings);
    },
  };
}

/** The part of a listr2 task that is used here. */
interface Row {
  title: string;
  skip(message: string): void;
}

/** One stage of one variant on the screen. Events may come before listr2 has drawn it. */
class Line {
  readonly end: Promise<void>;
  readonly #name: string;
  #text = "waiting";
  #row: Row | null = null;
  #over = false;
  #settle: (failed: boolean) => void = () => {};

  constructor(name: string) {
    this.#name = name;
    this.end = new Promise((resolve, reject) => {
      this.#settle = (failed) => (failed ? reject(new Error(this.#text)) : resolve());
    });
    // It may fail before listr2 listens.
    this.end.catch(() => {});
  }

  attach(row: Row): Promise<void> {
    this.#row = row;
    this.say(this.#text);
    return this.end;
  }

  say(text: string): void {
    this.#text = text;
    if (this.#row !== null) this.#row.title = `${this.#name}  ${text}`;
  }

  finish(how: "done" | "failed" | "skipped"): void {
    if (this.#over) return;
    this.#over = true;
    if (how === "skipped") this.#row?.skip(`${this.#name}  ${this.#text}`);
    this.#settle(how === "failed");
  }
}

/** The drawn tasks, and how what happens to a node reaches them. */
class Board {
  readonly #lines = new Map<string, Line[]>();
  readonly #progress = new Map<string, ProgressLine>();
  #done: Promise<unknown> = Promise.resolve();

  static async open(started: Started): Promise<Board> {
    const board = new Board();
    const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import("listr2");
    // listr2 asks whether standard output is a terminal; what counts here is standard error, and that was asked.
    class Renderer extends DefaultRenderer {
      static override nonTTY = true;
    }
    // Progress belongs to standard error; standard output is for results. Ctrl-C is the command's to hear.
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
    const options = { concurrent: true, exitOnError: false, registerSignalListeners: false };
    const tasks = started.variants.map((variant) => {
      const stages = variant.stages.map(({ node, name }) => {
        const line = board.#line(node, name);
        return { title: name, task: (_: unknown, row: Row) => line.attach(row) };
      });
      return { title: variant.name, task: () => new Listr(stages, options) };
    });
    const drawing = { logger, collapseSubtasks: false, collapseErrors: false, showErrorMessage: false };
    const rendererOptions = { ...drawing, formatOutput: "truncate" } as const;
    const list = new Listr(tasks, { ...options, renderer: Renderer, rendererOptions });
    board.#done = list.run();
    return board;
  }

  #line(node: string, name: string): Line {
    const line = new Line(name);
    this.#lines.set(node, [...this.#of(node), line]);
    return line;
  }

  #of(node: string): readonly Line[] {
    return this.#lines.get(node) ?? [];
  }

  show(event: RunEvent): void {
    if (event.type === "stage-started") this.#say(event.node, event.reason);
    else if (event.type === "stage-progress") {
      const progress = this.#progress.get(event.node) ?? new ProgressLine();
      this.#progress.set(event.node, progress);
      this.#say(event.node, progress.update(event));
    } else if (event.type === "epoch") {
      this.#say(event.node, `epoch ${event.epoch}/${event.epochs}  ${losses(event.metrics)}`);
    } else if (event.type === "stage-finished") {
      this.#say(event.node, ending(event));
      const how = event.status === "failed" || event.status === "skipped" ? event.status : "done";
      for (const line of this.#of(event.node)) line.finish(how);
    }
  }

  async close(): Promise<void> {
    // A run that ended early leaves stages without a word.
    for (const line of [...this.#lines.values()].flat()) line.finish("skipped");
    await this.#done;
  }

  #say(node: string, text: string): void {
    for (const line of this.#of(node)) line.say(text);
  }
}

function ending({ status, reason, durationMs }: Extract<RunEvent, { type: "stage-finished" }>): string {
  if (status === "cached") return "cached";
  if (status === "skipped") return `skipped: ${reason}`;
  return `${status === "failed" ? "failed after" : "done in"} ${duration(durationMs)}`;
}
