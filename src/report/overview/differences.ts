import { canonicalJson, type Json, type JsonObject, own } from "../../base/json.js";
import { shownKind } from "../../base/own-kind.js";
import type { Block } from "../block.js";
import { listed } from "../format.js";
import type { Variant } from "../gather.js";
import type { Comparison } from "./facts.js";

/** What differs between the variants, and a warning where the verdict cannot say which difference made the result. */
export function differences(variants: readonly Variant[], comparison: Comparison | null): Block[] {
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
  const blocks: Block[] = comparedPairs(comparison).flatMap(manyFactors);
  blocks.push(differenceTable(variants, factors, "What differs between the variants", "differences"));
  if (consequences.length > 0) {
    const table = differenceTable(variants, consequences, "Stage parameters that follow from it", "consequences");
    blocks.push({ type: "group", layout: "fold", title: "What follows from it", blocks: [table] });
  }
  return blocks;
}

/** Of whom the verdict says that one is better: the best and the next, the best and the baseline. */
function comparedPairs(comparison: Comparison | null): (readonly [Variant, Variant])[] {
  const [leader, runnerUp] = comparison?.ranked ?? [];
  if (!leader || !runnerUp) return [];
  const others = new Set([runnerUp, comparison?.baseline ?? runnerUp]);
  return [...others].filter((other) => other !== leader).map((other) => [leader.variant, other.variant]);
}

function manyFactors(pair: readonly [Variant, Variant]): Block[] {
  const keys = differingKeys(pair).factors.map(({ key }) => key);
  if (keys.length < 2) return [];
  const shown = keys.length <= NAMED ? keys : [...keys.slice(0, NAMED - 1), `${keys.length - NAMED + 1} more`];
  return [
    {
      type: "notice",
      level: "warning",
      title: `${keys.length} factors differ between ${listed(pair.map(({ look }) => look.name))}: ${listed(shown)}.`,
      text: "A difference in their results cannot be put down to any one of them.",
    },
  ];
}

/** Factors that a warning names. */
const NAMED = 8;

export interface DifferingKey {
  /** `hidden`, or a place in the stages: `train.optimizer.adam.learningRate`. */
  readonly key: string;
  /** One a variant; undefined where the variant lacks the key. */
  readonly values: readonly (Json | undefined)[];
}

/**
 * Parameters that differ are factors. So are stage parameters and seeds that differ, unless in every variant they take the
 * very value of a differing parameter: then they are its consequences. What only measures and draws is neither.
 */
export function differingKeys(variants: readonly Variant[]): {
  readonly factors: readonly DifferingKey[];
  readonly consequences: readonly DifferingKey[];
} {
  const params = differing(variants.map((variant) => variant.input.params));
  const stages = differing(variants.map(stagesOf));
  const seeds = differing(variants.map((variant) => ({ seed: variant.input.seed })));
  const follows = ({ values }: DifferingKey) =>
    params.some((param) => values.every((value, i) => same(value, param.values[i])));
  return {
    factors: [...params, ...seeds, ...stages.filter((key) => !follows(key))],
    consequences: stages.filter(follows),
  };
}

/** The stages that make the result. */
function stagesOf(variant: Variant): JsonObject {
  const making = variant.input.stages.filter(({ measures }) => !measures);
  return Object.fromEntries(making.map(({ name, settings }) => [name, settings]));
}

/**
 * Where the variants' settings part, as deep as all of them have the same form. Lists of other layers, and other kinds of
 * one thing, are one difference each: their single entries do not stand beside each other.
 */
function differing(values: readonly (Json | undefined)[], place = ""): DifferingKey[] {
  if (values.every((value) => same(value, values[0]))) return [];
  const below = (keys: readonly (string | number)[], named: (key: string | number) => string) =>
    keys.flatMap((key) =>
      differing(
        values.map((value) => own(value as Record<string | number, Json>, String(key))),
        named(key),
      ),
    );
  if (values.every(isObject) && !areKinds(values)) {
    const keys = [...new Set(values.flatMap(Object.keys))];
    return below(keys, (key) => (place === "" ? String(key) : `${place}.${key}`));
  }
  if (values.every(Array.isArray) && new Set(values.map(formOf)).size === 1) {
    const [first] = values as readonly (readonly Json[])[];
    return below([...(first ?? []).keys()], (i) => `${place}[${i}]`);
  }
  return [{ key: place, values }];
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `{ adam: … }` beside `{ sgd: … }`: each names one kind, and not the same. */
function areKinds(values: readonly JsonObject[]): boolean {
  const names = values.map(Object.keys);
  return names.every((keys) => keys.length === 1) && new Set(names.map(([name]) => name)).size > 1;
}

/** How many entries a list has, and of which kinds. */
function formOf(list: Json | undefined): string {
  return (list as readonly Json[]).map((item) => (isObject(item) ? Object.keys(item).join() : "value")).join(" ");
}

/** A setting in few words: lists of layers by their kinds, or by their number where they are many. */
export function settingText(value: Json | undefined): string {
  if (value === undefined) return "–";
  if (Array.isArray(value)) {
    if (!value.some(isObject)) return value.map(settingText).join(", ");
    return value.length > 4 ? `${value.length} layers` : value.map(settingText).join(", ");
  }
  if (!isObject(value)) return String(value);
  return kindText(value) ?? entriesText(value);
}

function entriesText(value: JsonObject): string {
  return Object.entries(value)
    .map(([key, each]) => `${key} ${settingText(each)}`)
    .join(", ");
}

/** `{ sgd: { learningRate: 0.1 } }` → `sgd (learningRate 0.1)`; null for what is no single kind with settings. */
function kindText(value: JsonObject): string | null {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return null;
  const [kind, settings] = entry;
  const name = shownKind(kind);
  if (!isObject(settings)) return `${name} ${settingText(settings)}`;
  return Object.keys(settings).length === 0 ? name : `${name} (${entriesText(settings)})`;
}

/** Of lists that differ, what stands at neither end of all of them: the layers that one has and another lacks. */
function withoutCommonEnds(values: readonly (Json | undefined)[]): readonly (Json | undefined)[] {
  if (values.length < 2 || !values.every(Array.isArray)) return values;
  const lists = values as readonly (readonly Json[])[];
  const shortest = Math.min(...lists.map((list) => list.length));
  const alike = (at: (list: readonly Json[]) => Json | undefined) =>
    lists.every((list) => same(at(list), at(lists[0] as readonly Json[])));
  let [start, end] = [0, 0];
  while (start < shortest && alike((list) => list[start])) start++;
  while (end < shortest - start && alike((list) => list.at(-1 - end))) end++;
  return lists.map((list) => {
    const rest = list.slice(start, list.length - end);
    return rest.length > 0 ? rest : undefined;
  });
}

function differenceTable(
  variants: readonly Variant[],
  keys: readonly DifferingKey[],
  title: string,
  id: string,
): Block {
  // Few variants read best side by side, many below each other.
  if (variants.length <= 6) {
    return {
      type: "table",
      id,
      title,
      tools: false,
      table: {
        columns: [{ label: "Parameter" }, ...variants.map((variant) => ({ label: variant.look.name }))],
        rows: keys.map(({ key, values }) => [key, ...withoutCommonEnds(values).map(settingText)]),
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
  const distinct = [...new Set(withoutCommonEnds(values).map(settingText))];
  const shown = distinct.slice(0, 12).join(", ");
  return distinct.length > 12 ? `${shown}, … (${distinct.length} values)` : shown;
}
