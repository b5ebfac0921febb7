/** What there is to write. */
export interface BoxFacts {
  readonly title: string;
  readonly shape: string;
  readonly detail: string;
  readonly change: string | null;
}

/** What is written in a box, line by line; `y` of its base line from the top of the text. */
export interface BoxText {
  readonly lines: readonly {
    readonly y: number;
    readonly title?: string;
    readonly text?: string;
    /** At the right end. */
    readonly end?: string;
  }[];
  /** With room above and below. */
  readonly height: number;
}

/** Letters that fit into a line: about seven units each, six of the small ones. */
export const LETTERS = 26;
const SMALL = 31;

/** A name and a shape beside each other where both fit, else below each other; a name that is too long is cut. */
export function boxText({ title, shape, detail, change }: BoxFacts): BoxText {
  const lines: Omit<BoxText["lines"][number], "y">[] = [];
  const beside = title.length + shape.length + 1 <= LETTERS;
  lines.push({ title: cut(title, LETTERS), ...(beside && { end: shape }) });
  const texts = wrapped([detail, change].filter((text) => text).join("; "));
  const [first = ""] = texts;
  const shapeFits = 6 * first.length + 7 * shape.length <= 7 * LETTERS;
  if (!beside && !shapeFits) lines.push({ end: cut(shape, LETTERS) });
  texts.forEach((text, i) => {
    lines.push({ text, ...(i === 0 && !beside && shapeFits && { end: shape }) });
  });
  if (!beside && texts.length === 0 && shapeFits) lines.push({ end: shape });
  if (lines.length === 1) return { lines: lines.map((line) => ({ ...line, y: 27 })), height: 46 };
  return { lines: lines.map((line, i) => ({ ...line, y: 19 + 17 * i })), height: 12 + 17 * lines.length };
}

/** In as many lines as it needs: broken behind a comma where that does, else between words. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  const add = (piece: string): void => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= SMALL) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(cut(piece, SMALL));
  };
  for (const piece of text.split(/(?<=[,;]) /)) {
    if (piece.length <= SMALL) add(piece);
    else piece.split(" ").forEach(add);
  }
  return lines.filter((line) => line !== "");
}

export function cut(text: string, letters: number): string {
  const characters = [...text];
  return characters.length <= letters ? text : `${characters.slice(0, letters - 1).join("")}…`;
}
