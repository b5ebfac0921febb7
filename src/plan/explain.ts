import { type Json, type JsonObject, own } from "../base/json.js";
import { shownKind } from "../base/own-kind.js";
import type { FingerprintParts } from "../store/types.js";

/** The texts of a plan about why a stage runs. */

export const FORCED = "forced";
export const NEVER_RAN = "never ran";
const RESULT_GONE = "its stored result is gone";

export function mayChange(input: string, stage: string): string {
  return `${input} from ${stage} may change`;
}

const MAX_CHANGES = 3;
const MAX_VALUE = 40;

/**
 * Why a stage with these parts runs, when `last` are the parts of the result that it used last: the differences, the
 * first three in words.
 */
export function explain(parts: FingerprintParts, last: FingerprintParts | undefined): string {
  if (last === undefined) return NEVER_RAN;
  const changes = changesBetween(parts, last);
  if (changes.length === 0) return RESULT_GONE;
  const more = changes.length - MAX_CHANGES;
  return changes.slice(0, MAX_CHANGES).join("; ") + (more > 0 ? ` and ${more} more` : "");
}

/** Differences in words, in the order in which a reader would ask: code, parameters, inputs, seed, engine. */
export function changesBetween(parts: FingerprintParts, last: FingerprintParts): readonly string[] {
  const [before, now] = [shownKind(String(last.kind)), shownKind(String(parts.kind))];
  if (before !== now) return [`kind ${before} → ${now}`];
  const changes: string[] = [];
  if (parts.version !== last.version) changes.push(`stage version ${last.version} → ${parts.version}`);
  // Another engine is other code anyway.
  if (parts.code !== last.code && nameOf(parts.engine) === nameOf(last.engine)) changes.push("code changed");
  compareCode(asObject(last.ownCode), asObject(parts.ownCode), changes);
  compareParams("params", last.params, parts.params, changes);
  compareInputs(asObject(last.inputs), asObject(parts.inputs), changes);
  compareScalars("seed", last.seed, parts.seed, changes);
  compareScalars("engine", engineText(last.engine), engineText(parts.engine), changes);
  compareLibraries(asObject(last.libraries), asObject(parts.libraries), changes);
  return changes;
}

function compareParams(at: string, before: Json | undefined, now: Json | undefined, changes: string[]): void {
  if (before === undefined || now === undefined) {
    if (before !== undefined) changes.push(`${named(at, before)} removed`);
    if (now !== undefined) changes.push(`${named(at, now)} added`);
  } else if (isFile(before) && isFile(now)) {
    if (before.file !== now.file) changes.push(`${at}: the file's content changed`);
  } else if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    now.forEach((item, i) => {
      compareParams(`${at}[${i}]`, before[i] as Json, item as Json, changes);
    });
  } else if (isObject(before) && isObject(now)) {
    const [old, fresh] = [withoutCode(before), withoutCode(now)];
    for (const key of keysOf(old, fresh)) compareParams(`${at}.${key}`, own(old, key), own(fresh, key), changes);
  } else if (JSON.stringify(before) !== JSON.stringify(now)) {
    changes.push(`${at}: ${shown(before)} → ${shown(now)}`);
  }
}

/** Kinds of the project's own by their paths: what their code has become is said apart. */
function withoutCode(params: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [shownKind(key), value]));
}

function compareCode(before: JsonObject, now: JsonObject, changes: string[]): void {
  for (const kind of Object.keys(now).filter((name) => own(before, name) !== undefined)) {
    const [old, fresh] = [asObject(before[kind]), asObject(now[kind])];
    const parts = keysOf(old, fresh).filter((part) => own(old, part) !== own(fresh, part));
    if (parts.length > 0) changes.push(`the code of ${kind} changed: ${parts.map(partText(old, fresh)).join(", ")}`);
  }
}

/** A package is shown with its versions, a module with its path, relative to the folder of the file that is named. */
function partText(before: JsonObject, now: JsonObject): (part: string) => string {
  return (part) => {
    if (part.startsWith(".")) return part;
    return `${part} ${own(before, part) ?? "none"} → ${own(now, part) ?? "none"}`;
  };
}

function compareInputs(before: JsonObject, now: JsonObject, changes: string[]): void {
  for (const input of keysOf(before, now)) {
    const [was, is] = [own(before, input), own(now, input)];
    if (was === undefined) changes.push(`${input} is a new input`);
    else if (is === undefined) changes.push(`${input} is no longer an input`);
    else if (was !== is) changes.push(`${input} changed`);
  }
}

function compareScalars(what: string, before: Json | undefined, now: Json | undefined, changes: string[]): void {
  if (before !== now) changes.push(`${what} ${before ?? "none"} → ${now ?? "none"}`);
}

function compareLibraries(before: JsonObject, now: JsonObject, changes: string[]): void {
  for (const name of keysOf(before, now)) compareScalars(name, own(before, name), own(now, name), changes);
}

function nameOf(engine: Json | undefined): Json | undefined {
  return engine !== undefined && isObject(engine) ? engine.name : undefined;
}

function engineText(engine: Json | undefined): string | undefined {
  if (engine === undefined || !isObject(engine)) return undefined;
  return `${engine.name} ${engine.version}`;
}

function keysOf(a: JsonObject, b: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFile(value: Json): value is { readonly file: string } & JsonObject {
  return isObject(value) && Object.keys(value).length === 1 && /^[0-9a-f]{64}$/.test(String(value.file));
}

function asObject(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

/** Of what is there or is not: the beginning of a long value tells less than its name. */
function named(at: string, value: Json): string {
  return isObject(value) && !isFile(value) && JSON.stringify(value).length > MAX_VALUE ? at : `${at}: ${shown(value)}`;
}

/** Short enough for one line among others. Lists of layers are shown by their length. */
function shown(value: Json): string {
  if (isFile(value)) return "a file";
  const text = JSON.stringify(value);
  if (text.length <= MAX_VALUE) return text;
  return Array.isArray(value) ? `a list of ${value.length}` : `${text.slice(0, MAX_VALUE - 1)}…`;
}
