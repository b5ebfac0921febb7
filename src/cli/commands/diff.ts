import type { Command } from "commander";
import { shortDigest } from "../../base/digest.js";
import type { Json } from "../../base/json.js";
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

const MOST_SETTING = 60;

/** Short enough for a table; of a data file, the beginning of its digest. */
function setting(value: Json): string {
  if (value === null) return "-";
  const file = typeof value === "object" && "file" in value ? String(value.file) : "";
  if (/^[0-9a-f]{64}$/.test(file)) return `content ${shortDigest(file)}`;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MOST_SETTING ? `${text.slice(0, MOST_SETTING - 1)}…` : text;
}

function rowsOf({ settings, params, metrics }: VariantDiff): readonly (readonly string[])[] {
  const number = (value: number | null): string => (value === null ? "-" : metric(value));
  return [
    ...params.map((param) => ["", `params.${param.name}`, setting(param.a), setting(param.b), ""]),
    ...settings.map(({ name, a, b }) => ["", name, setting(a), setting(b), ""]),
    ...metrics.map(({ stage, split, name, a, b, delta }) => [
      "",
      `${stage === undefined ? "" : `${stage}: `}${split} ${name}`,
      number(a),
      number(b),
      delta === null ? "" : `${delta > 0 ? "+" : ""}${number(delta)}`,
    ]),
  ];
}
