import type { Command } from "commander";
import { show } from "../actions/runs.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, type JsonOption, type RunsOption } from "../options.js";
import { metricsTable, trainingLine, trainings } from "../results.js";
import { textTable } from "../table.js";
import { bytes, duration } from "../text.js";

type Flags = RunsOption & JsonOption;

/** Of stages that did nothing. */
const NO_TIME: ReadonlySet<string> = new Set(["cached", "skipped", "pending"]);

export function define(command: Command, context: CommandContext): void {
  addJson(addRuns(command.argument("<run>", "a run's id, a unique beginning of it, or `latest`")), "print one object")
    .addHelpText("after", "\nThe object of --json is described in docs/cli.md.")
    .action(async (run: string, flags: Flags) => context.exit(await execute(run, flags, context)));
}

async function execute(run: string, flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const result = await show(run, { cwd, runs: flags.runs });
  if (!result.ok) return refuse(context, result.error, flags.json);
  const summary = result.value;
  if (flags.json === true) return printJson(context, summary);
  const { bold } = terminal.colors;
  const status = summary.lost === true ? `${summary.status} (its process was killed)` : summary.status;
  terminal.out(`${bold(summary.run)}  ${summary.comparison}  ${status}  ${duration(summary.durationMs)}`);
  terminal.out(metricsTable(summary));
  for (const variant of summary.variants) {
    const params = Object.entries(variant.params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    terminal.out(`\n${bold(variant.name)}  ${variant.status}  seed ${variant.seed}  ${params.join(" ")}`);
    const trained = trainings(variant);
    for (const { name, training } of trained) {
      terminal.out(`${trained.length === 1 ? "training" : name}: ${trainingLine(training)}`);
    }
    const rows = variant.stages.map((stage) => [
      "",
      stage.name,
      stage.status,
      NO_TIME.has(stage.status) ? "" : duration(stage.durationMs),
      stage.peakBytes === undefined ? "" : bytes(stage.peakBytes),
      stage.outputs.map((output) => `${output.name} ${output.digest.slice(0, 8)} (${bytes(output.bytes)})`).join(", "),
    ]);
    const columns = ["", "stage", "status", "time", "memory", "outputs"].map((title) => ({
      title,
      right: title === "time" || title === "memory",
    }));
    terminal.out(textTable(columns, rows));
    terminal.diagnose([...variant.stages.flatMap(({ diagnostics }) => diagnostics), ...variant.diagnostics]);
  }
  if (summary.report !== null) terminal.out(`\n${summary.report}`);
  return 0;
}
