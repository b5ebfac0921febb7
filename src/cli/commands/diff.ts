import type { Command } from "commander";
import { diff, type VariantDiff } from "../actions/diff.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, type JsonOption, type RunsOption } from "../options.js";
import { textTable } from "../table.js";
import { metric } from "../text.js";

type Flags = RunsOption & JsonOption;

export function define(command: Command, context: CommandContext): void {
  addJson(addRuns(command.argument("<a>", "a run").argument("<b>", "another run")), "print one object")
    .addHelpText("after", "\nRuns are named by id, by a unique beginning of it, or `latest`.")
    .action(async (a: string, b: string, flags: Flags) => context.exit(await execute(a, b, flags, context)));
}

async function execute(a: string, b: string, flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const result = await diff(a, b, { cwd, runs: flags.runs });
  if (!result.ok) return refuse(context, result.error, flags.json);
  if (flags.json === true) return printJson(context, result.value);
  for (const variant of result.value.variants) {
    const only = variant.in === "both" ? "" : `  only in ${result.value[variant.in]}`;
    terminal.out(`${terminal.colors.bold(variant.name)}${only}`);
    const rows = rowsOf(variant);
    if (rows.length === 0) terminal.out("  no difference");
    else terminal.out(textTable(columns(result.value.a, result.value.b), rows));
  }
  return 0;
}

function columns(a: string, b: string) {
  return ["", "", a, b, "difference"].map((title, i) => ({ title, right: i > 1 }));
}

function rowsOf({ params, metrics }: VariantDiff): readonly (readonly string[])[] {
  const number = (value: number | null): string => (value === null ? "-" : metric(value));
  return [
    ...params.map((param) => ["", `params.${param.name}`, JSON.stringify(param.a), JSON.stringify(param.b), ""]),
    ...metrics.map(({ split, name, a, b, delta }) => [
      "",
      `${split} ${name}`,
      number(a),
      number(b),
      delta === null ? "" : `${delta > 0 ? "+" : ""}${number(delta)}`,
    ]),
  ];
}
