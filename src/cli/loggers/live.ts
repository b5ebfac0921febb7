import { stripVTControlCharacters } from "node:util";
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
    // Where nothing has changed nothing is written: somebody may be marking a text.
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
    const height = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return height === 0 ? "\r" : `\r\u001b[${Math.max(1, Math.min(height, rows - 1))}A`;
  }
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** East Asian wide and full-width characters, and pictures, take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

function widthOfGrapheme(text: string): number {
  if (/^[\p{Mark}\p{Format}\p{Control}]+$/u.test(text)) return 0;
  return WIDE.test(text) ? 2 : 1;
}

/** In columns. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/** One line of at most so many columns, with an ellipsis where it was longer. */
export function cut(text: string, columns: number): string {
  const line = stripVTControlCharacters(text).replaceAll(/\p{Control}+/gu, " ");
  if (widthOf(line) <= columns) return line;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(line)) {
    width += widthOfGrapheme(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
