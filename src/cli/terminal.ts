import pc from "picocolors";
import type { Diagnostic } from "../base/diagnostic.js";
import { formatDiagnostic } from "../base/format.js";

type Colors = ReturnType<typeof pc.createColors>;

/** Where commands write: results to `out`, all else to `note`. A whole line, or several, at a time. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  diagnose(diagnostics: readonly Diagnostic[]): void;
  /** For what goes to `out`. */
  readonly colors: Colors;
  /** For what goes to `note`. */
  readonly noteColors: Colors;
  /** Whether progress may be redrawn in place on standard error. */
  readonly interactive: boolean;
}

export function openTerminal(
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  let failed = false;
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // A reader that leaves early (`pipe list | head`) is no error: what is left has no reader, that is all.
      if (failed || error.code === "EPIPE" || error.code === "EOF") return;
      failed = true;
      // Told once, and a run goes on to its end: its results are kept elsewhere.
      process.once("exit", () => {
        process.exitCode ||= 1;
      });
      if (stream === stdout) stderr.write(`${formatDiagnostic(outputLost(error), { color: interactive })}\n`);
    });
  }
  // no-color.org: any value counts, save the empty one. CI=false and CI=0 mean what they say.
  const plain = (env.NO_COLOR ?? "") !== "" || !["", "0", "false"].includes(env.CI ?? "") || env.TERM === "dumb";
  // A terminal without a width, as some tools make, has no room to redraw anything in.
  const interactive = stderr.isTTY === true && stderr.columns > 0 && !plain;
  return {
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    diagnose(diagnostics) {
      for (const diagnostic of diagnostics) {
        stderr.write(`${formatDiagnostic(diagnostic, { color: interactive })}\n`);
      }
    },
    colors: pc.createColors(stdout.isTTY === true && !plain),
    noteColors: pc.createColors(interactive),
    interactive,
  };
}

function outputLost(error: Error): Diagnostic {
  const message = `standard output cannot be written: ${error.message}`;
  return { code: "output-unwritable", severity: "error", message, fix: "Check where it is redirected to." };
}
