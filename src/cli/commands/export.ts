import type { Command } from "commander";
import { EXPORT_FORMATS, type ExportFormat } from "../../exec/export-formats.js";
import { exportRun } from "../actions/export.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, type JsonOption, type RunsOption } from "../options.js";

interface Flags extends RunsOption, JsonOption {
  readonly format: string;
  readonly output?: string;
  readonly variant?: readonly string[];
}

const HELP = `
Formats:
  onnx                  models for ONNX Runtime, a folder a variant: model.onnx, and of autoencoders
                        encoder.onnx and decoder.onnx
  tfjs                  the same for tf.loadLayersModel
  csv, json, md         tables of the report
  svg, png              charts, drawings and pictures of the report`;

export function define(command: Command, context: CommandContext): void {
  addJson(addRuns(command.argument("<run>", "a run's id, a unique beginning of it, or `latest`")), "print one object")
    .requiredOption("-f, --format <name>", `one of ${EXPORT_FORMATS.join(", ")}`)
    .option("-o, --output <dir>", "where to write (default: export/<format> in the run's folder)")
    .option("--variant <name>", "only this variant; may be given several times", collect)
    .addHelpText("after", HELP)
    .action(async (run: string, flags: Flags) => context.exit(await execute(run, flags, context)));
}

async function execute(run: string, flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { format, output, variant } = flags;
  const result = await exportRun(run, {
    cwd,
    runs: flags.runs,
    format: format as ExportFormat,
    ...(output === undefined ? {} : { output }),
    ...(variant === undefined ? {} : { variants: variant }),
  });
  if (!result.ok) return refuse(context, result.error, flags.json);
  const { files, warnings } = result.value;
  terminal.diagnose(warnings);
  if (flags.json === true) return printJson(context, result.value);
  for (const { path } of files) terminal.out(path);
  if (files.length === 0) terminal.note(`the run has nothing to write as ${format}`);
  return 0;
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
