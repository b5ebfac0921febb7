import type { CommanderError } from "commander";
import type { Diagnostic } from "../base/diagnostic.js";

/** A mistake on the command line. Exit code 2, like any other wrong input. */
export function usageError(message: string, fix?: string): Diagnostic {
  return { code: "usage", severity: "error", message, ...(fix === undefined ? {} : { fix }) };
}

/** commander cannot tell: the file may stand behind `--force`, where it looks like the name of a stage. */
export function noFiles(command: string): Diagnostic {
  return usageError("missing required argument 'files'", `Name a comparison or pipelines: \`pipe ${command} FILE\`.`);
}

/** commander's complaint in our form: `error: unknown option '--foo'` and a second line with what it suggests. */
export function fromCommander(error: CommanderError, command: string | undefined): Diagnostic {
  const [first = "", suggestion] = error.message.split("\n");
  const unknown = error.code === "commander.unknownCommand";
  const help = `Run \`pipe ${command === undefined || unknown ? "" : `${command} `}--help\` for what it takes.`;
  const message = first.replace(/^error: /, "").replace(/\.$/, "");
  // A command that is only a family of commands shows its help when it is called alone.
  if (error.code === "commander.help") return usageError(`\`pipe ${command}\` needs a subcommand`, help);
  if (/\.ya?ml$/i.test(command ?? "") && unknown) {
    return usageError(message, `Did you mean \`pipe run ${command}\`?`);
  }
  return usageError(message, suggestion?.replace(/^\((.*)\)$/, "$1") ?? help);
}
