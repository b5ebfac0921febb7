/** What is known of a file of own code without running it: kept beside its bundle, and true as long as no file changed. */
import { readFileSync } from "node:fs";
import { digestBytes, digestJson } from "../base/digest.js";
import type { JsonObject } from "../base/json.js";
import type { OwnFamily } from "../base/own-kind.js";
import { bundlePath, notePath } from "./home.js";

/** A file that went into the bundle. */
export interface Module {
  /** Absolute. */
  readonly path: string;
  /** From the folder of the bundle's entry, with `/` between: the same on every machine. */
  readonly name: string;
  readonly digest: string;
}

/** A package that the code imports; it stays outside of the bundle. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Its package.json, absolute. */
  readonly manifest: string;
}

export interface CodeNote {
  readonly family: OwnFamily;
  readonly modules: readonly Module[];
  readonly packages: readonly Package[];
  /** Of modules and packages: 16 hexadecimal digits that stand for the code wherever it is named. */
  readonly code: string;
  /** Of the bundle's text. */
  readonly bundle: string;
  /** What the file's definition holds besides its functions. */
  readonly description: JsonObject;
}

/** The code by its parts: for the fingerprint, and for what differs when it was changed. */
export function partsOfCode({ modules, packages }: Pick<CodeNote, "modules" | "packages">): JsonObject {
  return Object.fromEntries([
    ...modules.map(({ name, digest }) => [name, digest]),
    ...packages.map(({ name, version }) => [name, version]),
  ]);
}

export function digestOfCode(parts: Pick<CodeNote, "modules" | "packages">): string {
  return digestJson(partsOfCode(parts)).slice(0, 16);
}

/** The note on a file of that family, if its bundle is there and everything that went into it is as it was. */
export function recall(family: OwnFamily, file: string): CodeNote | null {
  try {
    const note = JSON.parse(readFileSync(notePath(file), "utf8")) as CodeNote;
    const fresh =
      note.family === family &&
      note.modules.every(({ path, digest }) => digestBytes(readFileSync(path)) === digest) &&
      note.packages.every(({ manifest, version }) => versionIn(manifest) === version) &&
      digestBytes(readFileSync(bundlePath(note.code))) === note.bundle;
    return fresh ? note : null;
  } catch {
    // Not there, not readable, not ours: it is made again.
    return null;
  }
}

export function versionIn(manifest: string): string {
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version?: string };
  return version ?? "0.0.0";
}
