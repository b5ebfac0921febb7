import type { Command } from "commander";
import { report } from "../actions/report.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";
import { openReport } from "../open-report.js";
import { addOwnCode, addRuns, type OwnCodeOption, type RunsOption } from "../options.js";

interface Flags extends RunsOption, OwnCodeOption {
  readonly timings?: boolean;
  readonly output?: string;
  readonly open?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  const runs = command.argument("<run...>", "runs to show side by side: ids, unique beginnings of them, or `latest`");
  addOwnCode(addRuns(runs))
    .option("-o, --output <file>", "where to write (default: the first run's folder)")
    .option("--timings", "with measured times, into report-timings.html")
    .option("--open", "open it")
    .action(async (runs: readonly string[], flags: Flags) => context.exit(await execute(runs, flags, context)));
}

async function execute(runs: readonly string[], flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { output, timings, ownCode } = flags;
  const options = {
    cwd,
    runs: flags.runs,
    timings: timings === true,
    ownCode,
    ...(output === undefined ? {} : { output }),
  };
  const result = await report(runs, options);
  if (!result.ok) return refuse(context, result.error);
  terminal.out(result.value);
  if (flags.open === true) await openReport(result.value, terminal);
  return 0;
}
