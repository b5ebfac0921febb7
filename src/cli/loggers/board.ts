import type { ListrRendererFactory } from "listr2";
import stringWidth from "string-width";
import type { Screen, Terminal } from "../terminal.js";
import { duration } from "../text.js";
import { cut, LiveBlock } from "./live.js";

/** More often than this cannot be read. */
const FRAME_MS = 100;

/**
 * A terminal may have broken lines anew, and pushed some out of the window, before this process hears of its new size: lines
 * that are no longer and no more than this stay whole in any window that people work in.
 */
const MOST_COLUMNS = 39;
const MOST_LINES = 8;

/** What is read of a listr2 task. */
export interface Row {
  readonly title?: string;
  /** Undefined until the stage has begun. */
  readonly output?: string;
  hasFinalized(): boolean;
}

/**
 * A renderer for listr2: what runs now, redrawn in place, a line a stage under one that counts. listr2's own draws all
 * tasks, so that those that wait push the one in training out of a small window.
 */
export function boardRenderer(terminal: Terminal, screen: Screen, clock: () => number): ListrRendererFactory {
  return class Board {
    /** Whether this is a terminal was decided by standard error; listr2 would look at standard output. */
    static readonly nonTTY = true;
    static readonly rendererOptions = {};
    static readonly rendererTaskOptions = {};
    readonly #block: LiveBlock;
    #close: () => void = () => {};

    constructor(rows: readonly Row[]) {
      const begin = clock();
      this.#block = new LiveBlock(screen, (columns, height) => picture(rows, clock() - begin, columns, height));
    }

    render(): void {
      const timer = setInterval(() => this.#block.draw(), FRAME_MS).unref();
      const deaf = screen.onResize(() => this.#block.draw());
      this.#close = () => {
        clearInterval(timer);
        deaf();
        terminal.hold(null);
      };
      terminal.hold(this.#block);
    }

    end(): void {
      this.#close();
    }
  };
}

/** The line that counts, and the stages that run: in full, or in a line each, or as many as fit. */
function picture(rows: readonly Row[], ms: number, columns: number, height: number): readonly string[] {
  const over = rows.filter((row) => row.hasFinalized()).length;
  const count = `${over}/${rows.length} stages  ${duration(Math.max(1000, ms))}`;
  if (over === rows.length) return [count, "  writing the report"];
  const width = Math.min(columns - 1, MOST_COLUMNS);
  const room = Math.min(MOST_LINES, Math.max(2, height - 2)) - 1;
  const stages = rows.flatMap((row) =>
    row.output === undefined || row.hasFinalized() ? [] : [paragraph(row.title ?? "", row.output, width)],
  );
  const full = stages.flat();
  if (full.length <= room) return [count, ...full];
  const brief = stages.map(([first]) => first as string);
  if (brief.length <= room) return [count, ...brief];
  const shown = brief.slice(0, Math.max(1, room - 1));
  return [count, ...shown, ...(room > 1 ? [`  and ${brief.length - shown.length} more`] : [])];
}

/** A stage and what it says, part by part in lines of this width: `  wide train  epoch 3/100`, `    loss 145.20  2 m 05 s left`. */
function paragraph(name: string, text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = `  ${cut(name, Math.floor(width / 2))}`;
  for (const part of text.split("  ")) {
    const longer = `${line}  ${part}`;
    if (stringWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = `    ${part}`;
    }
  }
  return [...lines, line].map((each) => cut(each, width));
}
