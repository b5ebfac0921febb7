import { type Command, Option } from "commander";
import {
  INSTALLABLE,
  type InstalledEngine,
  type InstallRequest,
  installEngine,
  removeEngine,
  SOURCES,
} from "../actions/engine.js";
import { type CommandContext, type ExitCode, printJson, refuse } from "../context.js";
import { onInterrupt } from "../interrupt.js";
import { addJson, type JsonOption } from "../options.js";
import type { Terminal } from "../terminal.js";

interface InstallFlags extends JsonOption {
  readonly from?: (typeof SOURCES)[number];
}

const NAME = INSTALLABLE.join(", ");

const HELP = `
It goes into a folder of the user's that all projects share, 650 MB, and is tried before it counts.
PIPE_ENGINES names another folder.

Sources:
  official              the package's own installer, from where its publisher keeps the library
  wheel                 the library out of a Python package, with pip, and a part compiled with g++; Linux on x64
By default the second is taken where the first does not get through.`;

export function define(command: Command, context: CommandContext): void {
  command.usage("install|remove ENGINE [options]");
  addJson(command.command("install").description("bring an engine that is not part of pipe"), "print one object")
    .argument("<engine>", NAME)
    .addOption(new Option("--from <source>", "where its library comes from").choices(SOURCES))
    .addHelpText("after", HELP)
    .action(async (name: string, flags: InstallFlags) => context.exit(await install(name, flags, context)));
  addJson(command.command("remove").description("delete what install brought"), "print one object")
    .argument("<engine>", NAME)
    .action(async (name: string, flags: JsonOption) => context.exit(await remove(name, flags, context)));
}

async function install(name: string, flags: InstallFlags, context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const interrupt = onInterrupt(terminal);
  const { from } = flags;
  const progress = new InstallProgress(terminal);
  const request: InstallRequest = {
    say: (text) => progress.say(text),
    progress: (done, total) => progress.update(done, total),
    warn: (diagnostic) => progress.above(() => terminal.diagnose([diagnostic])),
    signal: interrupt.signal,
    ...(from === undefined ? {} : { from }),
  };
  const result = await installEngine(name, request).finally(() => {
    progress.close();
    interrupt.release();
  });
  if (!result.ok) {
    const code = refuse(context, result.error, flags.json);
    return interrupt.signal.aborted ? 130 : code;
  }
  if (flags.json === true) return printJson(context, result.value);
  terminal.out(installedLine(result.value));
  return 0;
}

function installedLine({ engine, status, versions, folder }: InstalledEngine): string {
  const what = Object.entries(versions).map((entry) => entry.join(" "));
  return `${engine} ${status === "present" ? "is there and works" : "is installed"}: ${what.join(", ")}, in ${folder}`;
}

async function remove(name: string, flags: JsonOption, context: CommandContext): Promise<ExitCode> {
  const result = await removeEngine(name);
  if (!result.ok) return refuse(context, result.error, flags.json);
  const { status, folder } = result.value;
  if (flags.json === true) return printJson(context, result.value);
  context.terminal.out(status === "removed" ? `removed ${folder}` : `nothing to remove: ${folder} is not there`);
  return 0;
}

/** A line for each step, and behind the last of them how far it is: redrawn on a terminal, else a line for every quarter. */
class InstallProgress {
  readonly #terminal: Terminal;
  #step = "";
  #percent = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  say(text: string): void {
    this.close();
    this.#step = text;
    this.#percent = 0;
    this.#terminal.note(text);
  }

  update(done: number, total: number): void {
    const percent = Math.floor((100 * done) / total);
    const step = this.#terminal.screen !== null ? 1 : 25;
    if (percent < this.#percent + step) return;
    this.#percent = percent - (percent % step);
    if (this.#terminal.screen !== null) process.stderr.write(`\r${this.#step}: ${percent} %`);
    else this.#terminal.note(`${this.#step}: ${percent} %`);
  }

  above(print: () => void): void {
    this.close();
    print();
  }

  close(): void {
    if (this.#terminal.screen !== null && this.#percent > 0) process.stderr.write("\n");
    this.#percent = 0;
  }
}
