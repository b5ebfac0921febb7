import type { Command } from "commander";
import { doctor } from "../actions/doctor.js";
import { type CommandContext, type ExitCode, printJson } from "../context.js";
import { addJson, addRuns, type JsonOption, type RunsOption } from "../options.js";
import { textTable } from "../table.js";
import { bytes, plural } from "../text.js";

type Flags = RunsOption & JsonOption;

export function define(command: Command, context: CommandContext): void {
  addJson(addRuns(command), "print one object")
    .addHelpText("after", "\nExit code 1 if no engine works or the cache cannot be opened.")
    .action(async (flags: Flags) => context.exit(await execute(flags, context)));
}

async function execute(flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const health = await doctor({ cwd, runs: flags.runs });
  const code = health.healthy ? 0 : 1;
  if (flags.json === true) {
    printJson(context, health);
    return code;
  }
  const { bold, green, red } = terminal.colors;
  terminal.out(bold("versions"));
  terminal.out(indented(Object.entries(health.versions)));
  terminal.out(`  ${health.platform}, ${plural(health.cores, "core")}, ${bytes(health.memoryBytes)} memory`);
  terminal.out(bold("engines"));
  for (const { name, works, folder, why } of health.engines) {
    const more = why ?? (folder === undefined ? undefined : `in ${folder}`);
    terminal.out(`  ${works ? green("works") : red("no   ")}  ${name}${more === undefined ? "" : `: ${more}`}`);
  }
  terminal.out(bold("cache"));
  const { stats, diagnostics } = health.store;
  if (stats !== null) terminal.out(`  ${stats.path}: ${plural(stats.results, "result")}, ${bytes(stats.fileBytes)}`);
  else if (diagnostics.length === 0) terminal.out("  none yet");
  terminal.diagnose(diagnostics);
  return code;
}

function indented(rows: readonly (readonly [string, string])[]): string {
  const [, ...lines] = textTable([{ title: "" }, { title: "" }], rows).split("\n");
  return lines.map((line) => `  ${line}`).join("\n");
}
