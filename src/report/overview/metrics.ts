import { type Json, own } from "../../base/json.js";
import { type Block, type Cell, type Column, notMeasurable } from "../block.js";
import { parametersCell } from "../draw/measured.js";
import { holm } from "../math/stats.js";
import { differingKeys, settingText } from "./differences.js";
import {
  type BestEpoch,
  bestEpoch,
  type Comparison,
  difference,
  differenceText,
  type Facts,
  intervalText,
  metricInfo,
} from "./facts.js";

/** Rows shown before the rest is folded away. */
const FOLD = 20;

/** Numbers of every variant: first what decides, then everything that was measured. */
export function metricTables(comparison: Comparison): Block[] {
  return [mainTable(comparison), ...allMetrics(comparison)];
}

/**
 * The best epoch of each variant; null where no variant was measured on the split after its epochs. The best of what it
 * is trained on is no basis for a choice.
 */
function topEpochs({ facts, split, metric, info }: Comparison): ReadonlyMap<Facts, BestEpoch | null> | null {
  if (split === "train") return null;
  const found = facts.map((each) => bestEpoch(each.variant.artifacts.history, split, metric, info));
  return found.every((top) => top === null) ? null : new Map(facts.map((each, i) => [each, found[i] ?? null]));
}

/** Of a training that did measure, but not this split, words say so: a dash is for what has no such metric. */
function topCell(top: BestEpoch | null, { variant }: Facts, metric: string): Cell {
  if (top !== null) return { value: top.value, note: `epoch ${top.epoch}` };
  const measured = Object.values(variant.artifacts.history?.splits ?? {}).some((values) => own(values, metric));
  return measured ? { value: null, text: "not measured after its epochs" } : null;
}

function mainTable(comparison: Comparison): Block {
  const { facts, info, metric, split, baseline } = comparison;
  const { factors } = differingKeys(facts.map(({ variant }) => variant));
  const shownFactors = factors.filter((factor) => !factor.key.includes(".")).slice(0, 4);
  const format = metric === "accuracy" ? ("percent" as const) : ("plain" as const);
  const label = info.label.toLowerCase();
  const many = facts.length > 1;
  const tops = topEpochs(comparison);
  const columns: Column[] = [
    { label: "Variant" },
    ...shownFactors.map((factor) => ({ label: factor.key })),
    ...(split === "train" ? [] : [{ label: `Train ${label}`, unit: info.unit, better: info.better, format }]),
    { label: `${split === "test" ? "Test" : split} ${label}`, unit: info.unit, better: info.better, format },
    ...(tops === null ? [] : [{ label: `Best ${split} ${label}`, unit: info.unit, better: info.better, format }]),
    ...(many
      ? [
          {
            label: baseline ? `Difference to ${baseline.variant.look.name}` : "Difference",
            unit: info.unit,
            format: "signed" as const,
          },
        ]
      : []),
    { label: "Parameters", format: "integer" },
  ];
  const best = (pick: (facts: Facts) => number | null) => {
    const values = facts.flatMap((each) => (each.apart === null ? (pick(each) ?? []) : [])).filter(Number.isFinite);
    return info.better === "higher" ? Math.max(...values) : Math.min(...values);
  };
  const [bestTrain, bestValue] = [best((each) => each.train), best((each) => each.value)];
  const clear = clearlyDifferent(comparison);
  const together =
    baseline !== null && comparison.ranked.length > 2
      ? ` Colour and "not distinguishable" take the ${comparison.ranked.length - 1} comparisons with the baseline together (Holm); the intervals are of each alone.`
      : "";
  const rows = inReadingOrder(comparison).map((each): Cell[] => {
    const i = facts.indexOf(each);
    return [
      { value: each.variant.look.name, variant: each.variant.look.index },
      ...shownFactors.map(({ values }): Cell => written(values[i])),
      ...(split === "train" ? [] : [marked(each, each.train, many && each.train === bestTrain)]),
      marked(each, each.value, many && each.value === bestValue),
      ...(tops === null ? [] : [topCell(tops.get(each) ?? null, each, metric)]),
      ...(many ? [differenceCell(comparison, each, clear)] : []),
      parametersCell(each.parameters, each.variant.artifacts.model),
    ];
  });
  return {
    type: "table",
    id: "metrics-main",
    title: "Results",
    table: { columns, rows },
    fold: FOLD,
    note: `${measuredNote(split)}${many ? ` Differences come with their 95 % interval over the same ${split} items.${together}` : ""}`,
  };
}

function measuredNote(split: string): string {
  return split === "train"
    ? "Measured after training, on the data that it was trained on."
    : `Train and ${split} are measured after training. Best is the lowest or highest value at the end of an epoch during training.`;
}

/** Where rows are folded away, the best stay in sight; few stand in the order of the report. */
function inReadingOrder({ facts, ranked }: Comparison): readonly Facts[] {
  return facts.length <= FOLD ? facts : [...ranked, ...facts.filter((each) => !ranked.includes(each))];
}

/** Of several comparisons with the baseline one may look clear by chance: Holm's procedure keeps that to 5 % for all. */
function clearlyDifferent(comparison: Comparison): ReadonlySet<Facts> {
  const { baseline, ranked } = comparison;
  if (baseline === null) return new Set();
  const others = ranked.filter((each) => each !== baseline);
  const tested = others.flatMap((each) => {
    const paired = difference(comparison, each, baseline);
    return paired === null ? [] : [{ each, p: paired.p }];
  });
  const kept = holm(tested.map(({ p }) => p));
  const indistinct = new Set(tested.filter((_, i) => !kept[i]).map(({ each }) => each));
  return new Set(others.filter((each) => !indistinct.has(each)));
}

/** As it was written: `0.003` is no measurement that could be rounded. */
function written(value: Json | undefined): Cell {
  if (value === undefined) return null;
  return typeof value === "number" ? { value, text: String(value) } : settingText(value);
}

const APART = { loss: "another loss", form: "another form of KL", data: "other data" };

function marked({ apart }: Facts, value: number | null, best: boolean): Cell {
  if (apart !== null) return value === null ? null : { value, note: APART[apart] };
  return best ? { value, tone: "best" } : value;
}

/** @param clear those that differ from the baseline by more than chance makes, all comparisons taken together. */
function differenceCell(comparison: Comparison, facts: Facts, clear: ReadonlySet<Facts>): Cell {
  const { baseline, info } = comparison;
  if (baseline === null || facts.value === null || facts.apart !== null) return null;
  if (facts === baseline) return { value: 0, text: "baseline" };
  const delta = facts.value - (baseline.value as number);
  const paired = difference(comparison, facts, baseline);
  const better = delta < 0 === (info.better === "lower");
  const interval = paired && intervalText(comparison, paired.interval);
  return {
    value: delta,
    text: `${delta < 0 ? "−" : delta > 0 ? "+" : ""}${differenceText(comparison, delta)}`,
    ...(clear.has(facts) && delta !== 0 && { tone: better ? "good" : "bad" }),
    ...(interval && { note: clear.has(facts) ? interval : `${interval}, not distinguishable` }),
  };
}

/** Every metric on every split; variants across where they fit. */
function allMetrics({ facts }: Comparison): Block[] {
  const variants = facts.map(({ variant }) => variant);
  const keys = new Map<string, { split: string; metric: string }>();
  for (const { variant } of facts) {
    const { splits = {}, unmeasured = {} } = variant.artifacts.metrics ?? {};
    for (const [split, values] of [...Object.entries(splits), ...Object.entries(unmeasured)]) {
      for (const metric of Object.keys(values)) keys.set(`${metric} ${split}`, { split, metric });
    }
  }
  const value = (facts: Facts, split: string, metric: string): Cell => {
    const { splits, unmeasured } = facts.variant.artifacts.metrics ?? {};
    const why = own(unmeasured?.[split], metric);
    return own(splits?.[split], metric) ?? (why === undefined ? null : notMeasurable(why));
  };
  const sorted = [...keys.values()].sort((a, b) => a.metric.localeCompare(b.metric, "en"));
  const across = facts.length <= 6;
  const table = across
    ? {
        columns: [
          { label: "Metric" },
          { label: "Split" },
          { label: "Unit" },
          ...facts.map((each) => ({ label: each.variant.look.name })),
        ],
        rows: sorted.map(({ split, metric }): Cell[] => {
          const info = metricInfo(variants, metric);
          return [info.label, split, info.unit, ...facts.map((each) => value(each, split, metric))];
        }),
      }
    : {
        columns: [
          { label: "Variant" },
          ...sorted.map(({ split, metric }) => {
            const { label, unit, better } = metricInfo(variants, metric);
            return { label: `${label}, ${split}`, unit, better };
          }),
        ],
        rows: facts.map((each): Cell[] => [
          { value: each.variant.look.name, variant: each.variant.look.index },
          ...sorted.map(({ split, metric }) => value(each, split, metric)),
        ]),
      };
  const block: Block = { type: "table", id: "metrics-all", title: "All metrics", table, fold: 20 };
  return [{ type: "group", layout: "fold", title: "All metrics", blocks: [block] }];
}
