import { stripVTControlCharacters } from "node:util";
import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import type { Held, Screen } from "../terminal.js";

/**
 * A few lines at the lower end of what is printed, drawn again and again in their place. It stays so small that it fits
 * whatever becomes of the window: lines that the terminal has pushed out of it, it could not take back.
 */
export class LiveBlock implements Held {
  readonly #screen: Screen;
  readonly #render: (columns: number, rows: number) => readonly string[];
  #drawn: readonly string[] = [];
  #frame = "";

  /** @param render the lines for a window of this size; what is too wide is cut. */
  constructor(screen: Screen, render: (columns: number, rows: number) => readonly string[]) {
    this.#screen = screen;
    this.#render = render;
  }

  draw(): void {
    const { columns, rows } = this.#screen;
    // The last column stays free: terminals differ in what they do after a character in it.
    const lines = this.#render(columns, rows)
      .slice(0, Math.max(1, rows - 1))
      .map((line) => cut(line, columns - 1));
    const frame = [`${columns}×${rows}`, ...lines].join("\n");
    // Where nothing has changed nothing is written: the user may be selecting text.
    if (frame === this.#frame) return;
    const text = lines.map((line) => `${line}\u001b[K\n`).join("");
    this.#screen.write(`${this.#up()}${text}\u001b[J`);
    this.#drawn = lines;
    this.#frame = frame;
  }

  erase(): void {
    if (this.#drawn.length > 0) this.#screen.write(`${this.#up()}\u001b[J`);
    this.#drawn = [];
    this.#frame = "";
  }

  /** To where it begins. A window that became narrower has broken its lines into several. */
  #up(): string {
    const { columns, rows } = this.#screen;
    const height = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
    return height === 0 ? "\r" : `\r\u001b[${Math.max(1, Math.min(height, rows - 1))}A`;
  }
}

/** One line of at most so many columns, with an ellipsis where it was longer. */
export function cut(text: string, columns: number): string {
  return cliTruncate(stripVTControlCharacters(text).replaceAll(/\p{Control}+/gu, " "), columns);
}
