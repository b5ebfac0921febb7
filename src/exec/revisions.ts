import { existsSync, readFileSync } from "node:fs";
import type { EngineName } from "../base/engines.js";
import { own } from "../base/json.js";
import type { Revision } from "../plan/types.js";
import { packageVersion, thisMachine } from "./engines.js";

/** The entry of dist/revisions.json for a kind of stage, and for `report`; scripts/revisions.js writes it. */
interface Recorded {
  readonly code: string | Readonly<Record<EngineName, string>>;
  readonly libraries: readonly string[];
}

/** @returns undefined for stages whose work neither engine nor report does: they have but the version in their schema. */
export function stageRevision(kind: string, engine: EngineName): Revision | undefined {
  const found = recordedOf(kind);
  if (found === undefined) return undefined;
  return revisionOf(found, typeof found.code === "string" ? found.code : found.code[engine]);
}

/** Of the code that renders reports. */
export function reportRevision(): Revision {
  const found = recordedOf("report") as Recorded;
  return revisionOf(found, found.code as string);
}

function revisionOf({ libraries }: Recorded, code: string): Revision {
  const versions = libraries.map((name) => {
    const folder = thisMachine.packageFolder(name);
    return [name, folder === null ? "missing" : packageVersion(folder)];
  });
  return { code, libraries: Object.fromEntries(versions) };
}

function recordedOf(kind: string): Recorded | undefined {
  recorded ??= JSON.parse(readFileSync(revisionsFile(), "utf8")) as Readonly<Record<string, Recorded>>;
  return own(recorded, kind);
}
let recorded: Readonly<Record<string, Recorded>> | undefined;

/** In dist/, two folders up; tests run this file from src/. */
function revisionsFile(): URL {
  const files = ["../../revisions.json", "../../dist/revisions.json"].map((path) => new URL(path, import.meta.url));
  const file = files.find((url) => existsSync(url));
  if (file === undefined) throw new Error("dist/revisions.json is missing: run npm run build");
  return file;
}
