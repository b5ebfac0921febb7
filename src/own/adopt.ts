import { existsSync } from "node:fs";
import type { Diagnostic } from "../base/diagnostic.js";
import { codeOf, type OwnFamily, shownKind } from "../base/own-kind.js";
import { type Definition, familyOfDefinition } from "./definition.js";
import { bundlePath } from "./home.js";
import { asLayer } from "./layer.js";
import { importOwn } from "./load.js";

/** A definition that was loaded for what names it. */
export interface Adopted {
  readonly family: OwnFamily;
  readonly name: string;
  readonly definition: Definition;
}

/** Loads the definitions of these names; those whose code is not on this machine are complained of. */
export async function loadAll(
  names: Iterable<string>,
): Promise<{ readonly loaded: readonly Adopted[]; readonly missing: readonly Diagnostic[] }> {
  const loaded: Adopted[] = [];
  const missing: Diagnostic[] = [];
  for (const name of names) {
    if (!existsSync(bundlePath(codeOf(name) as string))) {
      missing.push(gone(name));
      continue;
    }
    const definition = (await importOwn(name)) as Definition;
    const family = familyOfDefinition(definition);
    if (family === undefined) throw new Error(`${shownKind(name)} is no definition any more`);
    loaded.push({ family, name, definition: family === "layers" ? { ...asLayer(definition) } : definition });
  }
  return { loaded, missing };
}

function gone(name: string): Diagnostic {
  return {
    code: "own-code-gone",
    severity: "error",
    message: `the code of ${shownKind(name)} is not on this machine as it was when the run was made`,
    expected: "the code that the run was made with",
    fix: "Run the pipeline again, with that code; what is stored is not computed anew.",
  };
}
