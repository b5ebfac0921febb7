import { resolve } from "node:path";
import { asOwnPath, isOwnFamily, isOwnPath, type OwnFamily } from "../base/own-kind.js";
import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import { locationOf, type Span } from "./source.js";

/** Whether the name of a kind of this family is a file's path. */
export function isOwnKind(family: string, name: string): boolean {
  return isOwnFamily(family) && isOwnPath(name);
}

/** The name of the kind that a file defines; null, after a word to `complaints`, where it is not known. */
export function ownKindName(
  family: string,
  written: string,
  at: Span,
  catalog: Catalog,
  complaints: Complaints,
): string | null {
  const file = resolve(at.source.folder, written);
  const kind = catalog.own(family as OwnFamily, file, written);
  if (kind) return kind.name;
  complaints.miss({ family: family as OwnFamily, file, written, at: locationOf(at) });
  return null;
}

/** What to do about a path that is taken for a name. */
export function pathHint(name: string): string | undefined {
  if (!/\.(?:ts|mts|js|mjs)$/.test(name)) return undefined;
  if (name.includes("#"))
    return "The path of a file of your own holds no `#`: give the file or its folder another name.";
  const slashed = name.replaceAll("\\", "/");
  if (/^(?:\/|[A-Za-z]:)/.test(slashed)) return "Write its path from this file on, which begins with `./` or `../`.";
  const path = isOwnPath(slashed) ? slashed : asOwnPath(slashed);
  return path && `Write \`${path}\`: the path of a file of your own begins with \`./\` or \`../\`.`;
}
