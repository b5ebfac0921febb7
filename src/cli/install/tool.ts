import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** A program on the user's path, by the first of these names that is there; null where none is. */
export function findTool(...names: readonly string[]): string | null {
  const endings = process.platform === "win32" ? (process.env.PATHEXT ?? ".EXE;.CMD").split(";") : [""];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of names) {
    if (isAbsolute(name) && isProgram(name)) return name;
    const files = folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)));
    const found = files.find(isProgram);
    if (found !== undefined) return found;
  }
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export interface ToolOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called every `PULSE_MS` while it runs; a text ends the program, and is why. */
  readonly watch?: () => string | undefined;
}

export interface ToolEnd {
  /** Null where it could not be started or was ended. */
  readonly code: number | null;
  /** The last lines that it wrote, to either stream. */
  readonly lastWords: string;
}

const PULSE_MS = 500;
const KEPT_LINES = 40;

/** Runs a program to its end. It has a process group of its own, so that what it starts ends with it. */
export function runTool(file: string, args: readonly string[], options: ToolOptions): Promise<ToolEnd> {
  const { cwd, env, signal, watch } = options;
  // npm is a script on Windows, which only a shell starts.
  const shell = /\.(cmd|bat)$/i.test(file);
  const posix = process.platform !== "win32";
  return new Promise((resolve) => {
    let output = "";
    let ended: string | undefined;
    const child = spawn(shell ? `"${file}"` : file, [...args], {
      cwd,
      env: { ...process.env, ...env },
      shell,
      detached: posix,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = (): void => killTree(child, posix);
    const pulse = setInterval(() => {
      ended ??= watch?.();
      if (ended !== undefined) kill();
    }, PULSE_MS);
    const hear = (text: string): void => {
      output = lastLines(output + text);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    signal.addEventListener("abort", kill, { once: true });
    // However this process ends, what it started ends with it.
    process.once("exit", kill);
    const end = (code: number | null): void => {
      clearInterval(pulse);
      signal.removeEventListener("abort", kill);
      process.removeListener("exit", kill);
      resolve({ code: ended === undefined ? code : null, lastWords: ended ?? output.trim() });
    };
    child.on("error", (error) => {
      output = error.message;
      end(null);
    });
    child.on("close", end);
    if (signal.aborted) kill();
  });
}

function killTree(child: ChildProcess, posix: boolean): void {
  try {
    if (posix && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It is gone already.
  }
}

function lastLines(text: string): string {
  return text.split("\n").slice(-KEPT_LINES).join("\n");
}
