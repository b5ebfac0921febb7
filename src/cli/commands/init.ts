import type { Command } from "commander";
import { init } from "../actions/init.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[dir]", "where to write them", ".")
    .addHelpText(
      "after",
      "\nWrites classifier.yaml and compare.yaml: a small classifier, narrow against wide; and a .gitignore. Editors find the schemas.",
    )
    .action(async (directory: string) => context.exit(await execute(directory, context)));
}

function execute(directory: string, context: CommandContext): ExitCode {
  const result = init(directory, { cwd: context.cwd });
  if (!result.ok) return refuse(context, result.error);
  for (const path of result.value) context.terminal.out(path);
  context.terminal.note(`next: pipe run ${result.value.at(-1)}`);
  return 0;
}
