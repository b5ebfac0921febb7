import type { Command } from "commander";
import type { Swept } from "../../store/types.js";
import { cacheGc, cacheStats, cacheVerify } from "../actions/cache.js";
import type { Diagnosed } from "../actions/store.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { addJson, addRuns, count, type JsonOption, type RunsOption } from "../options.js";
import { bytes, plural } from "../text.js";

type Flags = RunsOption & JsonOption;
type GcFlags = Flags & { readonly keepRuns?: number; readonly grace: boolean };

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
    .option("--no-grace", "spare nothing for being young; only while no run is going on")
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
  const { keepRuns, grace } = flags;
  const options = { cwd: context.cwd, runs: flags.runs, grace, ...(keepRuns === undefined ? {} : { keepRuns }) };
  return tell(await cacheGc(options), flags, context, (swept) => sweepLines(swept, keepRuns));
}

function sweepLines({ blobs, bytes: size, results, kept }: Swept, keepRuns: number | undefined): readonly string[] {
  const forgotten = keepRuns === undefined ? "" : `forgot ${plural(results, "stage result")}; `;
  const lines = [`${forgotten}deleted ${plural(blobs, "byte string")}, ${bytes(size)}`];
  const { young } = kept;
  const wanted = kept.results - young.results;
  if (keepRuns === undefined) {
    lines.push(`kept all ${plural(kept.results, "stage result")}; --keep-runs forgets those of older runs`);
  } else {
    const whose = keepRuns === 1 ? "the newest run" : `the newest ${keepRuns} runs`;
    lines.push(`kept ${plural(wanted, "stage result")} of ${whose}`);
  }
  if (young.results > 0 || young.blobs > 0) {
    const what = young.results > 0 ? plural(young.results, "stage result") : plural(young.blobs, "byte string");
    lines.push(
      `kept ${what} (${bytes(young.bytes)}) made or used within the last hour, in case a run is going on; ` +
        "--no-grace spares nothing",
    );
  }
  return lines;
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
