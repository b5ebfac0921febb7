import { codecs } from "../artifact/codecs/index.js";
import type { ArtifactKind } from "../artifact/types.js";
import { canonicalJson } from "../base/json.js";

/** The member by which one sees at a glance that a value is not what it should be. */
const HEART: Readonly<Partial<Record<ArtifactKind, string>>> = {
  dataset: "splits",
  metrics: "splits",
  history: "splits",
  figures: "charts",
};

/** Why a value cannot be stored as an artifact of that kind; null where it can. */
export function notOfType(kind: ArtifactKind, value: unknown): string | null {
  if (typeof value !== "object" || value === null) return value === null ? "null" : `a ${typeof value}`;
  const heart = HEART[kind];
  if (heart !== undefined && typeof (value as Readonly<Record<string, unknown>>)[heart] !== "object") {
    return `an object without \`${heart}\``;
  }
  try {
    const codec = codecs[kind];
    const encoded = codec.encode(value as never);
    canonicalJson(encoded.meta);
    codec.decode(encoded);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
