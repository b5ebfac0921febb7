import type { Command } from "commander";
import { init } from "../actions/init.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[dir]", "where to write them", ".")
    .option("--stage <name>", "write a stage of your own instead, and a pipeline that uses it")
    .addHelpText(
      "after",
      "\nWrites classifier.yaml and compare.yaml: a small classifier, narrow against wide; and a .gitignore. Editors find the schemas.",
    )
    .action(async (directory: string, { stage }: { readonly stage?: string }) =>
      context.exit(await execute(directory, stage, context)),
    );
}

function execute(directory: string, stage: string | undefined, context: CommandContext): ExitCode {
  const result = init(directory, { cwd: context.cwd, ...(stage === undefined ? {} : { stage }) });
  if (!result.ok) return refuse(context, result.error);
  for (const path of result.value) context.terminal.out(path);
  context.terminal.note(`next: pipe run ${result.value.at(-1)}`);
  return 0;
}
