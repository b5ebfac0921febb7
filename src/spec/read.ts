import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { Disk, DiskProblem } from "../base/disk.js";
import type { Complaints } from "./complaints.js";
import { parseYaml } from "./parse.js";
import { Source, type Span } from "./source.js";
import type { Tree } from "./tree.js";

/** More than a person writes. It bounds how long the worst of texts can take, which is some seconds a megabyte. */
const maxBytes = 256 * 1024;

/** Reads and parses YAML files, each once, however many variants extend it. */
export class Files {
  readonly #disk: Disk;
  readonly #cwd: string;
  readonly #complaints: Complaints;
  readonly #trees = new Map<string, Tree | null>();

  constructor(disk: Disk, cwd: string, complaints: Complaints) {
    this.#disk = disk;
    this.#cwd = cwd;
    this.#complaints = complaints;
  }

  /** Absolute paths of all that was asked for, in that order. */
  get paths(): readonly string[] {
    return [...this.#trees.keys()];
  }

  /** @param namedAt where the file was named; undefined on the command line. */
  read(
    path: string,
    namedAt?: Span,
  ): { readonly absolute: string; readonly shown: string; readonly tree: Tree | null } {
    const absolute = resolve(namedAt?.source.folder ?? this.#cwd, path);
    const shown = shortestName(this.#cwd, absolute);
    let tree = this.#trees.get(absolute);
    if (tree === undefined) {
      tree = this.#parse(absolute, shown, namedAt);
      this.#trees.set(absolute, tree);
    }
    return { absolute, shown, tree };
  }

  #parse(absolute: string, shown: string, namedAt: Span | undefined): Tree | null {
    const bytes = this.#bytes(absolute);
    if (!bytes.ok) {
      this.#complaints.error(...unreadable(shown, bytes.error), { at: namedAt, ...fixFor(bytes.error) });
      return null;
    }
    const text = this.#decode(bytes.value, absolute, shown);
    return text === null ? null : parseYaml(new Source(shown, dirname(absolute), text), this.#complaints);
  }

  #bytes(absolute: string) {
    const size = this.#disk.size(absolute);
    if (!size.ok) return size;
    return this.#disk.read(absolute, { from: 0, length: Math.min(size.value, maxBytes + 1) });
  }

  #decode(bytes: Uint8Array, absolute: string, shown: string): string | null {
    if (bytes.length > maxBytes) {
      this.#complaints.error("file-too-large", `${shown} is too large for a pipeline`, {
        expected: `at most ${maxBytes} bytes`,
        fix: "Name a YAML file that describes a pipeline or a comparison.",
      });
      return null;
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      const text = new TextDecoder("utf-8").decode(bytes);
      const start = text.indexOf("\ufffd");
      this.#complaints.error("not-utf8", `${shown} is not UTF-8 text`, {
        at: { source: new Source(shown, dirname(absolute), text), start, end: start + 1 },
        fix: "Save the file with the encoding UTF-8.",
      });
      return null;
    }
  }
}

/** The path from the working directory where that is the shorter one. */
function shortestName(cwd: string, absolute: string): string {
  const near = relative(cwd, absolute);
  const short = near === "" ? "." : !isAbsolute(near) && near.length < absolute.length ? near : absolute;
  return short.split(sep).join("/");
}

/** Code and message for a file that cannot be read. */
export function unreadable(shown: string, problem: DiskProblem): [string, string] {
  if (problem.why === "missing") return ["missing-file", `there is no file ${shown}`];
  if (problem.why === "directory") return ["not-a-file", `${shown} is a directory`];
  if (problem.why === "denied") return ["unreadable-file", `${shown} may not be read`];
  return ["unreadable-file", `${shown} cannot be read: ${problem.detail}`];
}

export function fixFor(problem: DiskProblem): { readonly fix: string } {
  if (problem.why === "missing") return { fix: "Correct the path, or create the file." };
  if (problem.why === "directory") return { fix: "Name a file in it." };
  return { fix: "Check the file's permissions." };
}
