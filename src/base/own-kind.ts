/**
 * Names of the project's own kinds. In YAML such a kind is the path of its file: `./stages/clean.ts`. Once its
 * code is known it is that path with the code's digest: `./stages/clean.ts#0123456789abcdef`. So a name says which code is
 * meant wherever it stands: in parameters, in a fingerprint, in a stored model.
 */

import { isObject, type Json } from "./json.js";

/** Families of kinds that a file of the project can be. */
export const OWN_FAMILIES = ["stages", "layers", "losses", "metrics", "optimizers", "charts"] as const;
export type OwnFamily = (typeof OWN_FAMILIES)[number];

const WRITTEN = /^\.\.?\/[^#]*\.(?:ts|mts|js|mjs)$/;
const KNOWN = /^(\.\.?\/[^#]*\.(?:ts|mts|js|mjs))#([0-9a-f]{16})$/;

/** Whether the name of a kind is a file's path. */
export function isOwnPath(name: string): boolean {
  return WRITTEN.test(name);
}

/** How a path must be written to be one: `stages/clean.ts` is taken for a name. Undefined for what looks like no path. */
export function asOwnPath(name: string): string | undefined {
  return !isOwnPath(name) && WRITTEN.test(`./${name}`) ? `./${name}` : undefined;
}

export function isOwnFamily(family: string): family is OwnFamily {
  return (OWN_FAMILIES as readonly string[]).includes(family);
}

export function ownName(path: string, code: string): string {
  return `${path}#${code}`;
}

/** The digest of the code that a name means; undefined for a kind of the program. */
export function codeOf(name: string): string | undefined {
  return KNOWN.exec(name)?.[2];
}

/** A kind as people read it: `./stages/clean.ts`. */
export function shownKind(name: string): string {
  return KNOWN.exec(name)?.[1] ?? name;
}

/** A kind as part of another name: `clean`. */
export function shortKind(name: string): string {
  const file = shownKind(name);
  return file === name && !isOwnPath(name) ? name : (/([^/]+)\.\w+$/.exec(file)?.[1] ?? file);
}

/** Data as people read them: every kind, be it a key or a value, by its path alone. */
export function shownKinds(data: Json): Json {
  if (typeof data === "string") return shownKind(data);
  if (Array.isArray(data)) return data.map(shownKinds);
  if (!isObject(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [shownKind(key), shownKinds(value)]));
}

/** Every name of an own kind that stands anywhere in the data, as a key or as a value. */
export function ownNamesIn(data: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof data === "string") {
    if (KNOWN.test(data)) found.add(data);
  } else if (Array.isArray(data)) {
    for (const item of data) ownNamesIn(item, found);
  } else if (typeof data === "object" && data !== null && !ArrayBuffer.isView(data)) {
    for (const [key, item] of Object.entries(data)) {
      ownNamesIn(key, found);
      ownNamesIn(item, found);
    }
  }
  return found;
}
