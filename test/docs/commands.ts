import type { Block } from "./blocks.js";

/** A call of `pipe` in a block. */
export interface Call {
  readonly at: string;
  readonly args: readonly string[];
  /** `pipe export RUN [--output DIR]`: tells of arguments and is no command to paste. */
  readonly isSynopsis: boolean;
}

/** Lines that go on are joined; what is behind a `|` is another program's. */
export function callsIn(block: Block): readonly Call[] {
  return commandsIn(block).flatMap((line) => {
    const words = wordsOf(line.split(" | ")[0] as string);
    const args = words[0] === "npx" ? words.slice(1) : words;
    if (args[0] !== "pipe") return [];
    const isSynopsis = args.some((word) => /^\[|\]|\.\.\.$|\|/.test(word) || /^[A-Z]+$/.test(word));
    return [{ at: block.at, args: args.slice(1), isSynopsis }];
  });
}

/** The npm commands of a block, as words. */
export function npmIn(block: Block): readonly (readonly string[])[] {
  return commandsIn(block)
    .map(wordsOf)
    .filter(([program]) => program === "npm");
}

function commandsIn({ text }: Block): readonly string[] {
  return text
    .replace(/\n +/g, " ")
    .split("\n")
    .flatMap((line) => line.replace(/\s+#.*$/, "").split("&&"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** As a shell splits them; quotes keep a word together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? (match[3] as string));
}
