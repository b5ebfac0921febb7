import type { Command } from "commander";
import { cacheGc, cacheStats, cacheVerify } from "../actions/cache.js";
import type { Diagnosed } from "../actions/store.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, count, type JsonOption, type RunsOption } from "../options.js";
import { bytes, plural } from "../text.js";

type Flags = RunsOption & JsonOption;
type GcFlags = Flags & { readonly keepRuns?: number };

export function define(command: Command, context: CommandContext): void {
  command.usage("stats|verify|gc [options]");
  addJson(addRuns(command.command("stats").description("how much is stored")), "print one object").action(
    async (flags: Flags) => context.exit(await stats(flags, context)),
  );
  addJson(
    addRuns(command.command("verify").description("hash everything; forget what is damaged")),
    "print one object",
  ).action(async (flags: Flags) => context.exit(await verify(flags, context)));
  addJson(addRuns(command.command("gc").description("delete what nothing needs")), "print one object")
    .option("--keep-runs <n>", "also forget results that none of the newest so many runs used", count)
    .action(async (flags: GcFlags) => context.exit(await gc(flags, context)));
}

async function stats(flags: Flags, context: CommandContext): Promise<ExitCode> {
  const result = await cacheStats({ cwd: context.cwd, runs: flags.runs });
  return tell(result, flags, context, (found) => [
    `${found.path}: ${bytes(found.fileBytes)}, format ${found.schemaVersion}`,
    `${plural(found.results, "stage result")}, ${plural(found.runs, "run")}`,
    `${plural(found.blobs, "byte string")} of ${bytes(found.blobBytes)}`,
  ]);
}

async function verify(flags: Flags, context: CommandContext): Promise<ExitCode> {
  const result = await cacheVerify({ cwd: context.cwd, runs: flags.runs });
  const code = tell(result, flags, context, (damaged) =>
    damaged.length === 0
      ? ["everything is as it was stored"]
      : [
          ...damaged.map(({ digest, why, results }) => `${digest}: ${why} (${plural(results, "result")} forgotten)`),
          `${plural(damaged.length, "damaged entry", "damaged entries")}; what needs them runs again next time`,
        ],
  );
  return result.ok && result.value !== null && result.value.length > 0 ? 1 : code;
}

async function gc(flags: GcFlags, context: CommandContext): Promise<ExitCode> {
  const { keepRuns } = flags;
  const options = { cwd: context.cwd, runs: flags.runs, ...(keepRuns === undefined ? {} : { keepRuns }) };
  return tell(await cacheGc(options), flags, context, (swept) => [
    `deleted ${plural(swept.blobs, "byte string")}, ${bytes(swept.bytes)}`,
  ]);
}

function tell<T>(
  result: Diagnosed<T | null>,
  flags: Flags,
  context: CommandContext,
  lines: (value: T) => readonly string[],
): ExitCode {
  if (!result.ok) return refuse(context, result.error, flags.json);
  const { terminal } = context;
  if (flags.json === true) return printJson(context, result.value);
  if (result.value === null) terminal.note("there is no cache yet");
  else for (const line of lines(result.value)) terminal.out(line);
  return 0;
}
