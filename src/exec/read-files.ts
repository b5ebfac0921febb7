import { isDeepStrictEqual } from "node:util";
import type { Diagnostic } from "../base/diagnostic.js";
import { type FileContent, type FileSums, readDigested, readInPieces } from "../base/file-content.js";
import { type Json, type JsonPath, replacedAt } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { FingerprintParts } from "../store/types.js";
import { cannotRead } from "./messages.js";
import type { ReadFile } from "./protocol.js";

/** A file that parameters name at `path`, or a complaint at that place. */
export function readNamed(absolute: string, path: JsonPath): Result<FileContent, readonly Diagnostic[]> {
  try {
    return ok(readDigested(absolute));
  } catch (error) {
    return err([cannotRead(absolute, path, error)]);
  }
}

/** The same, a piece at a time. */
export async function readNamedInPieces(
  absolute: string,
  path: JsonPath,
  use: (piece: Uint8Array) => void | Promise<void>,
): Promise<Result<FileSums, readonly Diagnostic[]>> {
  const sums = await readInPieces(absolute, use);
  return sums.ok ? sums : err([cannotRead(absolute, path, sums.error)]);
}

/** Places in the parameters whose files held something else when they were read than these parts say. */
export function changedFiles(parts: FingerprintParts, read: readonly ReadFile[] = []): readonly JsonPath[] {
  const changed = read.filter(({ path, digest }) => {
    const planned = path.reduce<Json | undefined>(
      (value, key) => (value as Readonly<Record<string, Json>> | undefined)?.[key],
      parts.params,
    );
    return !isDeepStrictEqual(planned, { file: digest });
  });
  return [...new Map(changed.map(({ path }) => [JSON.stringify(path), path])).values()];
}

/** The parts of what was made from these files; null where one was read in two states, so that no parts are true. */
export function partsAsRead(parts: FingerprintParts, read: readonly ReadFile[] = []): FingerprintParts | null {
  const digests = new Map<string, string>();
  let found: Json = parts;
  for (const { path, digest } of read) {
    const place = JSON.stringify(path);
    if ((digests.get(place) ?? digest) !== digest) return null;
    digests.set(place, digest);
    found = replacedAt(found, ["params", ...path], { file: digest });
  }
  return found as FingerprintParts;
}
