import type { RunEvent } from "../../base/event.js";
import { endOfTraining } from "../results.js";
import type { Screen, Terminal } from "../terminal.js";
import { duration } from "../text.js";
import { cut, LiveBlock, widthOf } from "./live.js";
import type { Logger } from "./logger.js";
import { nodeNames } from "./names.js";
import { losses } from "./plain.js";
import { ProgressLine } from "./progress.js";

type Started = Extract<RunEvent, { type: "run-started" }>;
type Finished = Extract<RunEvent, { type: "stage-finished" }>;

/** Faster than this nobody reads. */
const FRAME_MS = 100;

/**
 * A terminal may have broken lines anew, and pushed some out of the window, before this process hears of its new size: lines
 * that are no longer and no more than this stay whole in any window that people work in.
 */
const MOST_COLUMNS = 39;
const MOST_LINES = 8;

/**
 * What runs now, redrawn in place: a line a stage, under one that counts. A variant that has come to its end leaves one
 * line above. Drawn only once something runs, so that a run which finds everything stored shows its result and
 * nothing else.
 */
export function ttyLogger(terminal: Terminal, screen: Screen, clock: () => number = () => performance.now()): Logger {
  let board: Board | null = null;
  let started: Started | null = null;
  const before: Finished[] = [];
  return {
    sink(event) {
      if (event.type === "run-started") started = event;
      else if (event.type === "warning") terminal.diagnose([event.diagnostic]);
      if (event.type === "stage-started" && board === null && started !== null) {
        // Who computes, and how slowly, is worth knowing from the beginning.
        if (started.engineNote !== undefined) terminal.note(`engine ${started.engine}: ${started.engineNote}`);
        board = new Board(started, terminal, screen, clock);
        for (const each of before.splice(0)) board.show(each);
      }
      if (board !== null) board.show(event);
      else if (event.type === "stage-finished") before.push(event);
    },
    async close() {
      board?.close();
    },
  };
}

/** A stage that runs, and what it says of itself. */
interface Running {
  text: string;
  readonly progress: ProgressLine;
}

class Board {
  readonly #terminal: Terminal;
  readonly #variants: Started["variants"];
  readonly #names: ReadonlyMap<string, string>;
  readonly #clock: () => number;
  readonly #begin: number;
  readonly #block: LiveBlock;
  readonly #running = new Map<string, Running>();
  readonly #finished = new Map<string, Finished>();
  /** Node → the last epoch that was seen of it: `epoch 7/100`. */
  readonly #epochs = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #deaf: () => void;

  constructor(started: Started, terminal: Terminal, screen: Screen, clock: () => number) {
    this.#terminal = terminal;
    this.#variants = started.variants;
    this.#names = nodeNames(started);
    this.#clock = clock;
    this.#begin = clock();
    this.#block = new LiveBlock(screen, (columns, rows) => this.#lines(columns, rows));
    this.#timer = setInterval(() => this.#block.draw(), FRAME_MS).unref();
    this.#deaf = screen.onResize(() => this.#block.draw());
    terminal.hold(this.#block);
  }

  show(event: RunEvent): void {
    if (event.type === "stage-started") {
      this.#running.set(event.node, { text: event.reason, progress: new ProgressLine(this.#clock) });
    } else if (event.type === "stage-finished") {
      this.#running.delete(event.node);
      this.#finished.set(event.node, event);
      this.#tellVariants();
    } else if ("node" in event) {
      const running = this.#running.get(event.node);
      if (running !== undefined) this.#update(running, event);
    }
  }

  #update(running: Running, event: RunEvent): void {
    if (event.type === "stage-progress") running.text = running.progress.update(event);
    else if (event.type === "epoch") {
      const epoch = `epoch ${event.epoch}/${event.epochs}`;
      this.#epochs.set(event.node, epoch);
      running.text = `${epoch}  ${losses(event.metrics)}`;
    } else if (event.type === "training-ended") {
      running.text = endOfTraining(event.epoch, event.epochs, event.kept, event.chosenBy);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#deaf();
    this.#terminal.hold(null);
  }

  /** The line that counts, and the stages that run, the oldest first: in full, or in a line each, or as many as fit. */
  #lines(columns: number, rows: number): readonly string[] {
    const nodes = new Set(this.#variants.flatMap(({ stages }) => stages.map(({ node }) => node)));
    const time = duration(Math.max(1000, this.#clock() - this.#begin));
    const count = `${this.#finished.size}/${nodes.size} stages  ${time}`;
    if (this.#finished.size === nodes.size) return [count, "  writing the report"];
    const width = Math.min(columns - 1, MOST_COLUMNS);
    const room = Math.min(MOST_LINES, Math.max(2, rows - 2)) - 1;
    const stages = [...this.#running].map(([node, { text }]) => paragraph(this.#names.get(node) ?? node, text, width));
    const full = stages.flat();
    if (full.length <= room) return [count, ...full];
    const brief = stages.map(([first]) => first as string);
    if (brief.length <= room) return [count, ...brief];
    const shown = brief.slice(0, Math.max(1, room - 1));
    return [count, ...shown, ...(room > 1 ? [`  and ${brief.length - shown.length} more`] : [])];
  }

  #tellVariants(): void {
    for (const { name, stages } of this.#variants) {
      const ends = stages.flatMap((stage) => {
        const end = this.#finished.get(stage.node);
        return end === undefined ? [] : [{ stage: stage.name, end }];
      });
      if (ends.length < stages.length || this.#told.has(name)) continue;
      this.#told.add(name);
      // What was stored from beginning to end stands in the table of results.
      if (ends.every(({ end }) => end.status === "cached")) continue;
      this.#terminal.note(this.#ending(name, ends));
    }
  }

  #ending(name: string, ends: readonly { readonly stage: string; readonly end: Finished }[]): string {
    const { green, red, yellow } = this.#terminal.noteColors;
    const failed = ends.filter(({ end }) => end.status === "failed");
    if (failed.length > 0) {
      const told = failed.map(({ stage, end }) => `${stage} failed after ${duration(end.durationMs)}`);
      return `${red("✖")} ${name}  ${told.join(", ")}`;
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

/** A stage and what it says, part by part in lines of this width: `  wide train  epoch 3/100`, `    loss 145.20  2 m 05 s left`. */
function paragraph(name: string, text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = `  ${cut(name, Math.floor(width / 2))}`;
  for (const part of text.split("  ")) {
    const longer = `${line}  ${part}`;
    if (widthOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = `    ${part}`;
    }
  }
  return [...lines, line].map((each) => cut(each, width));
}
