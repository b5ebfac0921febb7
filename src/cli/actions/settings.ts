/** What differs between two resolved pipelines, key by key. */
import { isDeepStrictEqual } from "node:util";
import { type Json, type JsonObject, own } from "../../base/json.js";

export interface SettingDiff {
  /** `seed`, or a place in the pipeline: `stages.train.optimizer.adam.learningRate`, `stages.build.layers[2]`. */
  readonly name: string;
  /** `null` where a side lacks it. */
  readonly a: Json;
  readonly b: Json;
}

/** In the order of the first, then what the second alone has. Lists are aligned: a layer that was put in is one difference. */
export function compareSettings(a: Json | undefined, b: Json | undefined, name = ""): readonly SettingDiff[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b, name);
  if (isObject(a) && isObject(b) && !isFile(a) && !isFile(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => compareSettings(own(a, key), own(b, key), name === "" ? key : `${name}.${key}`));
  }
  return [{ name, a: a ?? null, b: b ?? null }];
}

/** What both begin and end with is left out; of the rest, as many as there are of both are held against each other. */
function compareLists(a: readonly Json[], b: readonly Json[], name: string): readonly SettingDiff[] {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && isDeepStrictEqual(a[head], b[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isDeepStrictEqual(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail++;
  const rest = Math.max(a.length, b.length) - tail - head;
  return Array.from({ length: rest }, (_, i) => head + i).flatMap((i) =>
    compareSettings(i < a.length - tail ? a[i] : undefined, i < b.length - tail ? b[i] : undefined, `${name}[${i}]`),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The content of a file, as a fingerprint names it. */
function isFile(value: JsonObject): boolean {
  return Object.keys(value).length === 1 && /^[0-9a-f]{64}$/.test(String(value.file));
}
