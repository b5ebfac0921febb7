import type { Command } from "commander";
import { validate } from "../actions/validate.js";
import { type CommandContext, type ExitCode, printJson } from "../context.js";
import { addJson, addOwnCode, addSets, type JsonOption, type OwnCodeOption } from "../options.js";
import { plural } from "../text.js";

interface Flags extends JsonOption, OwnCodeOption {
  readonly set?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  addJson(addOwnCode(addSets(command.argument("<files...>", "comparisons or pipelines"))), "print one object")
    .addHelpText("after", "\nAll complaints are reported at once, at file:line:column. Exit code 2 if there is any.")
    .action(async (files: readonly string[], flags: Flags) => context.exit(await execute(files, flags, context)));
}

async function execute(files: readonly string[], flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { ownCode } = flags;
  const result = await validate(files, { cwd, ownCode, ...(flags.set === undefined ? {} : { sets: flags.set }) });
  if (!result.ok) {
    terminal.diagnose(result.error);
    if (flags.json === true) terminal.out(JSON.stringify({ valid: false, diagnostics: result.error }));
    else terminal.note(plural(result.error.filter(({ severity }) => severity === "error").length, "error"));
    return 2;
  }
  if (flags.json === true) return printJson(context, { valid: true, ...result.value });
  const { experiment, variants, diagnostics } = result.value;
  terminal.diagnose(diagnostics);
  terminal.out(`${experiment}: valid, ${plural(variants.length, "variant")}`);
  for (const { name, file, stages } of variants) terminal.out(`  ${name}: ${plural(stages, "stage")} (${file})`);
  return 0;
}
