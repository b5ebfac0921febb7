import { basename } from "node:path";
import { shorten } from "../base/suggest.js";
import type { Complaints } from "./complaints.js";
import type { Span } from "./source.js";

/** Device names that Windows gives to no file, whatever the extension. */
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const safe = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Names become names of files, so they must be able to be one on every system. */
export function checkName(name: string, what: string, at: Span | undefined, complaints: Complaints): boolean {
  const trouble = troubleWith(name);
  if (trouble === undefined) return true;
  complaints.error("unsafe-name", `${what} is not a safe file name`, {
    at,
    received: `${JSON.stringify(shorten(name))}, which ${trouble}`,
    expected: "letters, digits, `-`, `_` and `.`, beginning with a letter or digit, at most 64 characters",
    fix: "Choose another name.",
  });
  return false;
}

function troubleWith(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > 64) return `has ${name.length} characters`;
  if (!safe.test(name)) return "holds other characters";
  if (name.endsWith(".")) return "ends with a dot";
  if (reserved.test(name)) return "is the name of a device on Windows";
  return undefined;
}

/** `pipelines/vae-64.yaml` → `vae-64`. */
export function nameFromFile(file: string): string {
  return basename(file).replace(/\.ya?ml$/i, "");
}
