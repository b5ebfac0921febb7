import type { Command } from "commander";
import { type PlannedStage, plan } from "../actions/plan.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addExperiment, addJson, type ExperimentFlags, experimentOptions, FILES, type JsonOption } from "../options.js";
import { readingNotes } from "../reading.js";
import { textTable } from "../table.js";
import { plural } from "../text.js";
import { noFiles } from "../usage.js";

type Flags = ExperimentFlags & JsonOption;

const WORDS: Readonly<Record<PlannedStage["state"], string>> = {
  cached: "cached",
  run: "run",
  "after-inputs": "run?",
};

export function define(command: Command, context: CommandContext): void {
  addJson(addExperiment(command.argument("[files...]", FILES)), "print one object")
    .addHelpText("after", "\n`run?`: whether it runs is known when the stages above it have run.")
    .action(async (files: readonly string[], flags: Flags) => context.exit(await execute(files, flags, context)));
}

async function execute(names: readonly string[], flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { files, options } = experimentOptions(names, flags, context.cwd);
  if (files.length === 0) return refuse(context, [noFiles("plan")], flags.json);
  const result = await plan(files, { ...options, onReading: readingNotes(context.terminal) });
  if (!result.ok) return refuse(context, result.error, flags.json);
  const { terminal } = context;
  if (flags.json === true) return printJson(context, result.value);
  terminal.diagnose(result.value.warnings);
  const seen = new Map<string, string>();
  for (const variant of result.value.variants) {
    terminal.out(terminal.colors.bold(variant.name));
    const rows = variant.stages.map((stage) => {
      const owner = seen.get(stage.node);
      seen.set(stage.node, owner ?? variant.name);
      const reason = stage.state === "cached" ? "" : stage.reason;
      return ["", stage.name, WORDS[stage.state], owner === undefined ? reason : `same as in ${owner}`];
    });
    terminal.out(textTable([{ title: "" }, { title: "stage" }, { title: "plan" }, { title: "why" }], rows));
  }
  const nodes = new Map(
    result.value.variants.flatMap(({ stages }) => stages).map((stage) => [stage.node, stage.state]),
  );
  const states = [...nodes.values()];
  const cached = states.filter((state) => state === "cached").length;
  const open = states.filter((state) => state === "after-inputs").length;
  const { engine } = result.value;
  terminal.out(
    `${plural(states.length, "stage")}: ${cached} cached, ${states.length - cached - open} to run, ${open} open`,
  );
  terminal.note(`engine ${engine.name} ${engine.version}${engine.note === undefined ? "" : ` (${engine.note})`}`);
  return 0;
}
