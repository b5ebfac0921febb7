import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { didYouMean } from "../../base/suggest.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";
import { usageError } from "../usage.js";
import { packageRoot } from "../versions.js";

const SUFFIX = ".schema.json";

export function define(command: Command, context: CommandContext): void {
  command
    .argument("[name]", "`pipeline`, `comparison`, or one of a kind, such as `stages/train`; default: list them")
    .addHelpText("after", "\nFor a YAML editor: # yaml-language-server: $schema=<path of pipeline.schema.json>")
    .action(async (name: string | undefined) => context.exit(await execute(name, context)));
}

function execute(name: string | undefined, context: CommandContext): ExitCode {
  const folder = new URL("schemas/", packageRoot);
  const files = existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]) : [];
  const names = files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length).replaceAll("\\", "/"))
    .sort();
  if (name === undefined) {
    for (const each of names) context.terminal.out(each);
    context.terminal.note(`in ${fileURLToPath(folder)}`);
    return 0;
  }
  const wanted = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  if (!names.includes(wanted)) {
    const fix = didYouMean(wanted, names) ?? "Run `pipe schema` for the names.";
    return refuse(context, [usageError(`there is no schema \`${name}\``, fix)]);
  }
  context.terminal.out(readFileSync(new URL(`${wanted}${SUFFIX}`, folder), "utf8").trimEnd());
  return 0;
}
