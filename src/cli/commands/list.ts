import type { Command } from "commander";
import { list } from "../actions/runs.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, count, type JsonOption, type RunsOption } from "../options.js";
import { textTable } from "../table.js";
import { duration } from "../text.js";

interface Flags extends RunsOption, JsonOption {
  readonly limit?: number;
}

export function define(command: Command, context: CommandContext): void {
  addJson(addRuns(command), "print one object a line")
    .option("-n, --limit <n>", "only the newest so many", count)
    .action(async (flags: Flags) => context.exit(await execute(flags, context)));
}

async function execute(flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { runs, limit } = flags;
  const result = await list({ cwd, runs, ...(limit === undefined ? {} : { limit }) });
  if (!result.ok) return refuse(context, result.error, flags.json);
  if (flags.json === true) {
    for (const line of result.value) printJson(context, line);
    return 0;
  }
  if (result.value.length === 0) {
    terminal.note("no runs yet");
    return 0;
  }
  const rows = result.value.map((line) => [
    line.run,
    line.comparison,
    line.lost === true ? `${line.status} (killed)` : line.status,
    duration(line.durationMs),
    line.variants.join(", "),
  ]);
  const columns = ["run", "comparison", "status", "time", "variants"].map((title) => ({
    title,
    right: title === "time",
  }));
  terminal.out(textTable(columns, rows));
  return 0;
}
