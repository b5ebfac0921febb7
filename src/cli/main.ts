import { Command, CommanderError } from "commander";
import { unforeseen } from "../exec/messages.js";
import { commands } from "./commands.js";
import type { CommandContext, ExitCode } from "./context.js";
import { openTerminal, type Terminal } from "./terminal.js";
import { fromCommander } from "./usage.js";
import { pipeVersion } from "./versions.js";

const EXAMPLES = `
Examples:
  pipe run pipelines/compare.yaml                         train all variants, write the report
  pipe run pipelines/compare.yaml --set params.epochs=2   with another value of a knob
  pipe plan pipelines/compare.yaml                        what would run, and why
  pipe show latest                                        what came out`;

/** The program: arguments in, exit code out. Whatever is thrown below is a bug and reported as one, without a stack. */
export async function main(argv: readonly string[], terminal: Terminal = openTerminal()): Promise<ExitCode> {
  let code: ExitCode = 0;
  const exit = (value: ExitCode): void => {
    code = value;
  };
  const context: CommandContext = { terminal, cwd: process.cwd(), exit };
  // Of a promise or a callback that nothing waits for.
  process.on("uncaughtException", (error) => {
    terminal.diagnose([unforeseen("pipe", error)]);
    process.exit(1);
  });
  // What Node and libraries warn of is nothing that a user could mend.
  if (process.env.PIPE_DEBUG !== "1") process.removeAllListeners("warning");
  // `pipe help run` is `pipe run --help`.
  const asked = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
  const name = asked.find((arg) => !arg.startsWith("-"));
  // Help for a command that is not there would be the program's, as if all were well.
  const known = name === undefined || commands.some((command) => command.name === name);
  const args = known ? asked : asked.filter((arg) => arg !== "--help" && arg !== "-h");
  try {
    const program = createProgram(terminal);
    if (args.length === 0) {
      terminal.note(program.helpInformation());
      return 2;
    }
    if (name !== undefined) await defineCommand(program, name, context);
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      terminal.diagnose([fromCommander(error, name)]);
      return 2;
    }
    terminal.diagnose([unforeseen("pipe", error)]);
    return 1;
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command("pipe")
    .description("Runs declarative experiment pipelines: YAML in, trained models and one HTML report out.")
    .version(pipeVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .usage("COMMAND [ARGUMENTS]")
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), outputError: () => {}, writeErr: () => {} });
  for (const { name, summary } of commands) program.command(name).summary(summary).description(summary);
  return program;
}

/** Gives the command that is called its arguments and its action; the others stay names for the help. */
async function defineCommand(program: Command, name: string, context: CommandContext): Promise<void> {
  const entry = commands.find((candidate) => candidate.name === name);
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (entry === undefined || command === undefined) return;
  const { define } = await entry.load();
  define(command, context);
  for (const each of [command, ...command.commands]) {
    each.copyInheritedSettings(program);
    each.helpOption("-h, --help", "print help").helpCommand(false);
  }
}
