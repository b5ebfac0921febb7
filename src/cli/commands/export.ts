import type { Command } from "commander";
import { ITEM_GROUPS, type ItemGroup } from "../../base/items.js";
import { EXPORT_FORMATS, type ExportFormat } from "../../exec/export-formats.js";
import { exportRun } from "../actions/export.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addOwnCode, addRuns, type JsonOption, type OwnCodeOption, type RunsOption } from "../options.js";

interface Flags extends RunsOption, JsonOption, OwnCodeOption {
  readonly format: string;
  readonly output?: string;
  readonly variant?: readonly string[];
  readonly stage?: string;
  readonly split?: readonly string[];
  readonly columns?: readonly string[];
}

const HELP = `
Formats:
  onnx                  models for ONNX Runtime, a folder a variant: model.onnx, and of autoencoders
                        encoder.onnx and decoder.onnx
  tfjs                  the same for tf.loadLayersModel
  npz, parquet, csv     what the models say of every item, a folder a variant and a file a split:
                        predictions, latents, reconstructions (in csv on request) and losses
  csv, json, md         tables of the report; csv writes both, without --stage, --split and --columns
  svg, png              charts, drawings and pictures of the report`;

export function define(command: Command, context: CommandContext): void {
  const run = command.argument("<run>", "a run's id, a unique beginning of it, or `latest`");
  addJson(addOwnCode(addRuns(run)), "print one object")
    .requiredOption("-f, --format <name>", `one of ${EXPORT_FORMATS.join(", ")}`)
    .option("-o, --output <dir>", "where to write (default: export/<format> in the run's folder)")
    .option("--variant <name>", "only this variant; may be given several times", collect)
    .option("--stage <name>", "of models and items: those that this stage trained (default: the last one that did)")
    .option("--split <name>", "of npz, parquet and csv: only this split; may be given several times", collect)
    .option("--columns <names>", `of the same: some of ${ITEM_GROUPS.join(",")}`, collectList)
    .addHelpText("after", HELP)
    .action(async (run: string, flags: Flags) => context.exit(await execute(run, flags, context)));
}

async function execute(run: string, flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const { format, output, variant, stage, split, columns, ownCode } = flags;
  const result = await exportRun(run, {
    cwd,
    runs: flags.runs,
    format: format as ExportFormat,
    ownCode,
    ...(output === undefined ? {} : { output }),
    ...(variant === undefined ? {} : { variants: variant }),
    ...(stage === undefined ? {} : { stage }),
    ...(split === undefined ? {} : { splits: split }),
    ...(columns === undefined ? {} : { columns: columns as readonly ItemGroup[] }),
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

function collectList(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...value.split(",").map((word) => word.trim())];
}
