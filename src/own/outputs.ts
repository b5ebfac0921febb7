import { codecs } from "../artifact/codecs/index.js";
import type { Dataset } from "../artifact/dataset.js";
import type { ArtifactKind } from "../artifact/types.js";
import { canonicalJson, own } from "../base/json.js";

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
    const uneven = kind === "dataset" ? unevenIn(value as Dataset) : null;
    if (uneven !== null) return uneven;
    const codec = codecs[kind];
    const encoded = codec.encode(value as never);
    canonicalJson(encoded.meta);
    codec.decode(encoded);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What a split has too little or too much of: each has every column, and as many values as items. */
function unevenIn({ columns, splits }: Dataset): string | null {
  const names = columns.map(({ name }) => name);
  for (const [split, { items, columns: values }] of Object.entries(splits)) {
    const unknown = Object.keys(values).find((name) => !names.includes(name));
    if (unknown !== undefined) return `values of a column \`${unknown}\` in the split ${split}, and no such column`;
    for (const name of names) {
      const data = own(values, name);
      if (data === undefined) return `no values of the column \`${name}\` in the split ${split}`;
      const count = data.chunks.reduce((sum, chunk) => sum + chunk.items, 0);
      if (count !== items) return `${count} values of the column \`${name}\` for ${items} items in the split ${split}`;
    }
  }
  return null;
}
