import type { CommanderError } from "commander";
import type { Diagnostic } from "../base/diagnostic.js";
import { didYouMean } from "../base/suggest.js";

/** A mistake on the command line. Exit code 2, like any other wrong input. */
export function usageError(message: string, fix?: string): Diagnostic {
  return { code: "usage", severity: "error", message, ...(fix === undefined ? {} : { fix }) };
}

export function unknownCommand(word: string, known: readonly string[]): Diagnostic {
  const message = `there is no command \`${word}\``;
  if (/\.ya?ml$/i.test(word)) return usageError(message, `Did you mean \`pipe run ${word}\`?`);
  return usageError(message, didYouMean(word, known) ?? "Run `pipe --help` for the commands.");
}

/** commander's complaint in our form: `error: unknown option '--foo'` and a second line with what it suggests. */
export function fromCommander(error: CommanderError, command: string | undefined): Diagnostic {
  const [first = "", suggestion] = error.message.split("\n");
  const message = first.replace(/^error: /, "").replace(/\.$/, "");
  const help = `Run \`pipe ${command === undefined ? "" : `${command} `}--help\` for what it takes.`;
  return usageError(message, suggestion?.replace(/^\((.*)\)$/, "$1") ?? help);
}
