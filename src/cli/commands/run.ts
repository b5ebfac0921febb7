import type { Command } from "commander";
import type { Diagnostic } from "../../base/diagnostic.js";
import { type RunOptions, run } from "../actions/run.js";
import type { RunSummary } from "../actions/summary.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";
import { onInterrupt } from "../interrupt.js";
import { createLogger } from "../loggers/index.js";
import { openReport } from "../open-report.js";
import {
  addExperiment,
  addJson,
  count,
  type ExperimentFlags,
  experimentOptions,
  FILES,
  type JsonOption,
} from "../options.js";
import { readingNotes } from "../reading.js";
import { headlineTable, stoppingLines } from "../results.js";
import { noFiles } from "../usage.js";

interface Flags extends ExperimentFlags, JsonOption {
  readonly jobs?: number;
  readonly report: boolean;
  readonly open?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  addJson(addExperiment(command.argument("[files...]", FILES)), "print events")
    .option("--jobs <n>", "how many stages may run at a time (default: the number of cores)", count)
    .option("--no-report", "write no report")
    .option("--open", "open the report when it is written")
    .action(async (files: readonly string[], flags: Flags) => context.exit(await execute(files, flags, context)));
}

async function execute(names: readonly string[], flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { files, options } = experimentOptions(names, flags, cwd);
  const json = flags.json === true;
  if (files.length === 0) return refuseRun(context, [noFiles("run")], json);
  const logger = createLogger(terminal, json);
  const interrupt = onInterrupt(terminal);
  const runOptions: RunOptions = {
    ...options,
    report: flags.report,
    onEvent: logger.sink,
    onReading: readingNotes(terminal),
    signal: interrupt.signal,
    ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
  };
  const result = await run(files, runOptions).finally(async () => {
    await logger.close();
    interrupt.release();
  });
  if (!result.ok) return refuseRun(context, result.error, json);
  const summary = result.value;
  terminal.diagnose(failures(summary));
  if (!json) {
    terminal.out(headlineTable(summary));
    for (const line of stoppingLines(summary)) terminal.out(line);
    if (summary.report !== null) terminal.out(summary.report);
  }
  if (flags.open === true && summary.report !== null) await openReport(summary.report, terminal);
  return exitCode(summary);
}

/** The run did not begin. With `--json` that is a line like any other, in place of all events. */
function refuseRun(context: CommandContext, diagnostics: readonly Diagnostic[], json: boolean): ExitCode {
  if (json) context.terminal.out(JSON.stringify({ type: "refused", diagnostics }));
  return refuse(context, diagnostics);
}

/** Why stages failed; a stage that several variants share is reported once. */
function failures(summary: RunSummary) {
  const stages = summary.variants.flatMap((variant) => variant.stages.filter(({ status }) => status === "failed"));
  const reported = new Map(stages.flatMap((stage) => stage.diagnostics).map((found) => [JSON.stringify(found), found]));
  return [...reported.values()].filter(({ severity }) => severity === "error");
}

function exitCode(summary: RunSummary): ExitCode {
  if (summary.status === "interrupted") return 130;
  return summary.status === "done" ? 0 : 1;
}
