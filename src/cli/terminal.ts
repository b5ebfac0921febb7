import type { WriteStream } from "node:tty";
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
  /** Standard error, where progress may be redrawn in place on it; else null. */
  readonly screen: Screen | null;
  /** Something that is drawn at the lower end from now on, null for nothing: what is written goes above it. */
  hold(held: Held | null): void;
}

export interface Held {
  draw(): void;
  erase(): void;
}

/** A terminal on which something can be drawn over. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Calls when the size changes, until the returned function is called. */
  onResize(heard: () => void): () => void;
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
      // Reported once, and a run goes on to its end: its results are kept elsewhere.
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
  let held: Held | null = null;
  const above = (stream: NodeJS.WriteStream, text: string): void => {
    held?.erase();
    stream.write(`${text}\n`);
    held?.draw();
  };
  return {
    out: (text) => above(stdout, text),
    note: (text) => above(stderr, text),
    diagnose(diagnostics) {
      for (const diagnostic of diagnostics) above(stderr, formatDiagnostic(diagnostic, { color: interactive }));
    },
    hold(next) {
      held?.erase();
      held = next;
      held?.draw();
    },
    colors: pc.createColors(stdout.isTTY === true && !plain),
    noteColors: pc.createColors(interactive),
    screen: interactive ? screenOf(stderr) : null,
  };
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  // Read from the system each time: Node's own value lags behind until it handles the change of size.
  const size = (): readonly [number, number] => (stream as WriteStream).getWindowSize();
  return {
    get columns() {
      return Math.max(1, size()[0]);
    },
    // Some tools tell a width and no height.
    get rows() {
      return size()[1] || 24;
    },
    write: (text) => void stream.write(text),
    onResize(heard) {
      stream.on("resize", heard);
      return () => void stream.removeListener("resize", heard);
    },
  };
}

function outputLost(error: Error): Diagnostic {
  const message = `standard output cannot be written: ${error.message}`;
  return { code: "output-unwritable", severity: "error", message, fix: "Check where it is redirected to." };
}
