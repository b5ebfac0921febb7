import { parse } from "yaml";
import type { Json, JsonObject } from "../../base/json.js";
import type { Block, Cell } from "../block.js";
import { listed } from "../format.js";
import type { Variant } from "../gather.js";

/** What differs between the variants, and a warning where a comparison cannot say which difference made the result. */
export function differences(variants: readonly Variant[]): Block[] {
  if (variants.length < 2) return [];
  const { factors, consequences } = differingKeys(variants);
  if (factors.length === 0) {
    return [
      {
        type: "notice",
        level: "warning",
        title: "Nothing differs.",
        text: "The variants have the same parameters, stages and seed.",
      },
    ];
  }
  const blocks: Block[] = [];
  if (factors.length > 1) {
    blocks.push({
      type: "notice",
      level: "warning",
      title: `${factors.length} factors differ between the variants: ${listed(factors.map((factor) => factor.key))}.`,
      text: "A difference in the results cannot be put down to any one of them.",
    });
  }
  blocks.push(differenceTable(variants, factors, "What differs between the variants", "differences"));
  if (consequences.length > 0) {
    const table = differenceTable(variants, consequences, "Stage parameters that follow from it", "consequences");
    blocks.push({ type: "group", layout: "fold", title: "What follows from it", blocks: [table] });
  }
  return blocks;
}

export interface DifferingKey {
  /** `hidden`, or a place in the stages: `train.optimizer.adam.learningRate`. */
  readonly key: string;
  /** One a variant; undefined where the variant lacks the key. */
  readonly values: readonly (Json | undefined)[];
}

/**
 * Parameters that differ are factors. So are stage parameters and seeds that differ, unless in every variant they take the
 * very value of a differing parameter: then they are its consequences.
 */
export function differingKeys(variants: readonly Variant[]): {
  readonly factors: readonly DifferingKey[];
  readonly consequences: readonly DifferingKey[];
} {
  const params = differing(variants.map((variant) => flattened(variant.input.params)));
  const stages = differing(variants.map((variant) => flattened(stagesOf(variant))));
  const seeds = differing(variants.map((variant) => new Map([["seed", variant.input.seed]])));
  const follows = ({ values }: DifferingKey) =>
    params.some((param) => values.every((value, i) => value === param.values[i]));
  return {
    factors: [...params, ...seeds, ...stages.filter((key) => !follows(key))],
    consequences: stages.filter(follows),
  };
}

function stagesOf(variant: Variant): JsonObject {
  const document = parse(variant.input.resolvedYaml) as { stages?: JsonObject } | null;
  return document?.stages ?? {};
}

function differing(all: readonly ReadonlyMap<string, Json>[]): DifferingKey[] {
  const keys = [...new Set(all.flatMap((each) => [...each.keys()]))];
  return keys
    .map((key) => ({ key, values: all.map((each) => each.get(key)) }))
    .filter(({ values }) => values.some((value) => JSON.stringify(value) !== JSON.stringify(values[0])));
}

/** Nested data as dotted keys with scalars. */
function flattened(value: Json, prefix = "", out = new Map<string, Json>()): Map<string, Json> {
  if (value === null || typeof value !== "object") out.set(prefix, value);
  else {
    const entries = Array.isArray(value) ? value.map((item, i) => [`[${i}]`, item] as const) : Object.entries(value);
    for (const [key, item] of entries) {
      const place = key.startsWith("[") ? `${prefix}${key}` : prefix === "" ? key : `${prefix}.${key}`;
      flattened(item as Json, place, out);
    }
  }
  return out;
}

function differenceTable(
  variants: readonly Variant[],
  keys: readonly DifferingKey[],
  title: string,
  id: string,
): Block {
  const cell = (value: Json | undefined): Cell => (value === undefined ? "–" : String(value));
  // Few variants read best side by side, many below each other.
  if (variants.length <= 6) {
    return {
      type: "table",
      id,
      title,
      tools: false,
      table: {
        columns: [{ label: "Parameter" }, ...variants.map((variant) => ({ label: variant.look.name }))],
        rows: keys.map(({ key, values }) => [key, ...values.map(cell)]),
      },
    };
  }
  return {
    type: "table",
    id,
    title,
    tools: false,
    fold: 12,
    table: {
      columns: [{ label: "Parameter" }, { label: "Values" }],
      rows: keys.map(({ key, values }) => [key, valueList(values)]),
    },
  };
}

/** The results table says who has which; here it is enough to see what was tried. */
function valueList(values: readonly (Json | undefined)[]): string {
  const distinct = [...new Set(values.map((value) => (value === undefined ? "–" : String(value))))];
  const shown = distinct.slice(0, 12).join(", ");
  return distinct.length > 12 ? `${shown}, … (${distinct.length} values)` : shown;
}
