import type { Location } from "../base/diagnostic.js";

/** A text that was read, with what it takes to point into it. */
export class Source {
  /** As the user would type it. */
  readonly file: string;
  /** The directory that paths in this text are relative to, absolute. */
  readonly folder: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, folder: string, text: string) {
    this.file = file;
    this.folder = folder;
    this.text = text;
  }

  /** Lines end at `\n`, `\r\n` or `\r`. A range over several lines is marked on its first. */
  locate(start: number, end: number): Location {
    this.#lineStarts ??= lineStartsOf(this.text);
    const line = lineOf(this.#lineStarts, start);
    const from = this.#lineStarts[line] as number;
    const next = this.#lineStarts[line + 1] ?? this.text.length;
    const lineText = this.text.slice(from, next).replace(/[\r\n]+$/, "");
    const column = Math.min(start - from, lineText.length);
    const length = Math.max(1, Math.min(end - from, lineText.length) - column);
    return { file: this.file, line: line + 1, column: column + 1, length, lineText };
  }
}

/** A stretch of a text, as offsets in UTF-16 units. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export function locationOf(span: Span): Location {
  return span.source.locate(span.start, span.end);
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** The last line that begins at or before `offset`. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
