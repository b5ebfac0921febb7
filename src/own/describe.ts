import { randomUUID } from "node:crypto";
import { chmodSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../base/diagnostic.js";
import { digestBytes } from "../base/digest.js";
import { makeFolder, writeWhole } from "../base/disk.js";
import type { OwnFamily } from "../base/own-kind.js";
import { err, ok, type Result } from "../base/result.js";
import { type Bundle, bundled } from "./bundle.js";
import { definitionOf } from "./definition.js";
import { bundlePath, codeFolder, notePath } from "./home.js";
import { forbidExit } from "./load.js";
import { type CodeNote, digestOfCode } from "./note.js";
import { notBundled, syntaxPlace, thrownIn } from "./trouble.js";

const NEW_SYNTAX = "Write it without syntax that this version of Node does not have, such as decorators.";

/**
 * Bundles a file of own code, runs its top, asks what it defines, and notes all that for the next time. Only a worker may:
 * whatever the code does there can be ended.
 *
 * @param entry absolute.
 */
export async function describeOwn(family: OwnFamily, entry: string): Promise<Result<CodeNote, readonly Diagnostic[]>> {
  const kept = keepFolder();
  if (kept !== null) return err([kept]);
  let bundle: Bundle;
  try {
    bundle = await bundled(entry);
  } catch (error) {
    return err(notBundled(entry, error));
  }
  const code = digestOfCode(bundle);
  const path = bundlePath(code);
  writeWhole(path, bundle.text);
  process.setSourceMapsEnabled(true);
  forbidExit();
  let exported: unknown;
  try {
    // Never what an earlier import of the same address gave: that may have failed for reasons that are mended.
    ({ default: exported } = await import(`${pathToFileURL(path).href}?${randomUUID()}`));
  } catch (error) {
    const at = error instanceof SyntaxError ? syntaxPlace(path, bundle.text) : null;
    const thrown = thrownIn("the import", error);
    return err([at === null ? thrown : { ...thrown, related: [{ message: "here", at }], fix: NEW_SYNTAX }]);
  }
  let defined: ReturnType<typeof definitionOf>;
  try {
    defined = definitionOf(family, exported);
  } catch (error) {
    // Its members may be getters.
    return err([thrownIn("the definition", error)]);
  }
  if (!defined.ok) return defined;
  const { modules, packages, text } = bundle;
  const { description } = defined.value;
  const note: CodeNote = { family, modules, packages, code, bundle: digestBytes(text), description };
  writeWhole(notePath(entry), JSON.stringify(note));
  return ok(note);
}

/** Only the user may write code that runs as the user. */
function keepFolder(): Diagnostic | null {
  const folder = codeFolder();
  try {
    makeFolder(folder);
    chmodSync(folder, 0o700);
    return null;
  } catch (error) {
    return {
      code: "own-code-home",
      severity: "error",
      message: `cannot keep bundles of own code in ${folder}: ${(error as Error).message}`,
      fix: "Let PIPE_CODE name a folder that can be written.",
    };
  }
}
