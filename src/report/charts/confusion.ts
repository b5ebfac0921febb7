import { classScores, confusionMatrix, logLoss, macroF1 } from "../../base/classify.js";
import { type Block, type Cell, type ChartBlock, notMeasurable } from "../block.js";
import { defineChart, isAbsent, type Page, type Shown } from "../chart.js";
import { sameItems } from "../comparable.js";
import { classifiedItems } from "../draw/classified.js";
import { bestFirst, foremost, leftOut } from "../draw/foremost.js";
import { counted, formatNumber, round } from "../format.js";
import { mcnemar, wilson } from "../math/stats.js";

type Confusion = {
  readonly split: string;
  readonly names: readonly string[];
  /** `[true][predicted]`, in items. */
  readonly matrix: readonly (readonly number[])[];
  readonly logLoss: number;
};

const SHOWN = 6;
/** Cells with numbers in them; more classes have no room. */
const NUMBERED = 15;
/** Rows of the accuracies in sight. */
const FOLD = 20;

export default defineChart<"confusion", Confusion>({
  kind: "confusion",
  group: "quality",
  place: 1,
  ofOutput: true,

  async collect({ artifacts }) {
    const items = classifiedItems(artifacts);
    if (isAbsent(items)) return items;
    const { split, names, labels, predicted, classes } = items;
    return {
      data: { split, names, matrix: confusionMatrix(labels, predicted, classes), logLoss: round(logLoss(items), 7) },
    };
  },

  draw(shown, _options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const base = kept.find(({ variant }) => variant.baseline) ?? kept[0];
    const comparable = kept.filter((each) => base && each !== base && sameItems(each.artifacts, base.artifacts));
    const blocks: Block[] = [
      accuracyTable(bestFirst(shown, page, FOLD), page.id),
      ...pairTable(kept, base, page.id),
      { type: "group", layout: "grid", blocks: kept.map((each) => heatmap(each, page)) },
      ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
    ];
    if (base && comparable.length > 0) {
      blocks.push({ type: "group", layout: "grid", blocks: comparable.map((each) => differenceMap(each, base, page)) });
    }
    blocks.push({
      type: "group",
      layout: "fold",
      title: "Precision, recall and F1 of each class",
      blocks: kept.map((each) => scoreTable(each, page.id)),
    });
    return { id: page.id, title: "Classification", blocks };
  },
});

function total(matrix: Confusion["matrix"]): { items: number; right: number; largest: number } {
  const supports = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  return {
    items: supports.reduce((a, b) => a + b, 0),
    right: matrix.reduce((sum, row, c) => sum + (row[c] as number), 0),
    largest: Math.max(...supports),
  };
}

function accuracyTable(shown: readonly Shown<Confusion>[], id: string): Block {
  const [first] = shown as [Shown<Confusion>];
  const majority = total(first.data.matrix);
  return {
    type: "table",
    id: `${id}-accuracy`,
    title: `Classification of ${formatNumber(majority.items, "integer")} ${first.data.split} items`,
    fold: FOLD,
    note: "Accuracy with its 95 % interval (Wilson). Macro F1: mean over the classes that occur or are predicted. Log loss: −ln of the true class's probability. The majority class: always answering with the most frequent one.",
    table: {
      columns: [
        { label: "Variant" },
        { label: "Accuracy", better: "higher", format: "percent" },
        { label: "Errors", better: "lower", format: "integer" },
        { label: "Macro F1", better: "higher" },
        { label: "Log loss", unit: "nats", better: "lower" },
      ],
      rows: [
        ...shown.map(({ variant, data }): Cell[] => {
          const { items, right } = total(data.matrix);
          const { low, high } = wilson(right, items);
          return [
            { value: variant.name, variant: variant.index },
            { value: right / items, note: `${formatNumber(low, "percent")} to ${formatNumber(high, "percent")}` },
            items - right,
            macroF1(data.matrix),
            data.logLoss,
          ];
        }),
        ["Majority class", majority.largest / majority.items, majority.items - majority.largest, null, null],
      ],
    },
  };
}

/** McNemar's table of each variant and the baseline. */
function pairTable(kept: readonly Shown<Confusion>[], base: Shown<Confusion> | undefined, id: string): Block[] {
  const mine = base && classifiedItems(base.artifacts);
  if (!base || !mine || isAbsent(mine)) return [];
  const rows = kept.flatMap((each): Cell[][] => {
    const other = classifiedItems(each.artifacts);
    if (each === base || isAbsent(other) || !sameItems(each.artifacts, base.artifacts)) return [];
    let [both, onlyBase, onlyOther, neither] = [0, 0, 0, 0];
    for (let i = 0; i < mine.labels.length; i++) {
      const a = mine.predicted[i] === mine.labels[i];
      const b = other.predicted[i] === other.labels[i];
      if (a && b) both++;
      else if (a) onlyBase++;
      else if (b) onlyOther++;
      else neither++;
    }
    const p = mcnemar(onlyOther, onlyBase);
    return [
      [
        { value: each.variant.name, variant: each.variant.index },
        both,
        onlyOther,
        onlyBase,
        neither,
        { value: p, note: p < 0.05 ? "distinguishable" : "not distinguishable" },
      ],
    ];
  });
  if (rows.length === 0) return [];
  return [
    {
      type: "table",
      id: `${id}-mcnemar`,
      title: `The same items, beside ${base.variant.name}`,
      note: "McNemar's exact test: of the items that only one of two gets right, is the split further from even than chance makes it?",
      table: {
        columns: [
          { label: "Variant" },
          { label: "Both right", format: "integer" },
          { label: "Only this right", format: "integer" },
          { label: `Only ${base.variant.name} right`, format: "integer" },
          { label: "Neither", format: "integer" },
          { label: "p" },
        ],
        rows,
      },
    },
  ];
}

function cells({ data }: Shown<Confusion>) {
  return data.matrix.flatMap((row, t) => {
    const support = row.reduce((a, b) => a + b, 0);
    return row.map((items, p) => ({
      truth: data.names[t] as string,
      called: data.names[p] as string,
      items,
      share: support > 0 ? items / support : 0,
    }));
  });
}

function heatmap(each: Shown<Confusion>, page: Page): ChartBlock {
  const { variant, data } = each;
  const name = `${page.id}-${variant.index}`;
  const rows = cells(each);
  page.dataset(name, {
    truth: rows.map((row) => row.truth),
    called: rows.map((row) => row.called),
    items: rows.map((row) => row.items),
    share: rows.map((row) => round(row.share, 4)),
  });
  const wrong = rows
    .filter((row) => row.truth !== row.called)
    .sort((a, b) => b.items - a.items)
    .slice(0, 3);
  return {
    type: "chart",
    id: name,
    title: `${variant.name}: true against predicted`,
    alt: `Confusion matrix of ${variant.name}. Most frequent confusions: ${wrong.map((row) => `${row.truth} taken for ${row.called}, ${counted(row.items, "item")}`).join("; ")}.`,
    fixed: true,
    spec: matrixSpec(
      name,
      data.names,
      "share",
      { value: variant.color },
      { field: "share", type: "quantitative", scale: { domain: [0, 1], range: [0.03, 1] }, legend: null },
      "datum.share > 0.55",
      "items",
    ),
    table: {
      columns: [{ label: "True" }, ...data.names.map((label) => ({ label, format: "integer" as const }))],
      rows: data.matrix.map((row, t) => [data.names[t] as string, ...row]),
    },
  };
}

function differenceMap(each: Shown<Confusion>, base: Shown<Confusion>, page: Page): ChartBlock {
  const { variant, data } = each;
  const name = `${page.id}-difference-${variant.index}`;
  const theirs = cells(base);
  const rows = cells(each).map((row, k) => ({ ...row, difference: row.items - (theirs[k]?.items ?? 0) }));
  const reach = Math.max(1, ...rows.map((row) => Math.abs(row.difference)));
  page.dataset(name, {
    truth: rows.map((row) => row.truth),
    called: rows.map((row) => row.called),
    items: rows.map((row) => row.difference),
    size: rows.map((row) => round(Math.abs(row.difference) / reach, 4)),
  });
  const color = { condition: { test: "datum.items > 0", value: variant.color }, value: base.variant.color };
  return {
    type: "chart",
    id: name,
    title: `${variant.name} minus ${base.variant.name}, in items`,
    alt: `Difference of the two confusion matrices: positive where ${variant.name} has more items.`,
    fixed: true,
    spec: matrixSpec(
      name,
      data.names,
      "size",
      color,
      { field: "size", type: "quantitative", scale: { domain: [0, 1], range: [0, 1] }, legend: null },
      "datum.size > 0.55",
      "items",
    ),
    table: {
      columns: [{ label: "True" }, ...data.names.map((label) => ({ label, format: "signed" as const }))],
      rows: data.names.map((truth) => [
        truth,
        ...rows.filter((row) => row.truth === truth).map((row) => row.difference),
      ]),
    },
  };
}

/** Strength is opacity over the page's own paper, so that one specification is right in light and dark. */
function matrixSpec(
  name: string,
  names: readonly string[],
  field: string,
  color: Record<string, unknown>,
  opacity: Record<string, unknown>,
  strong: string,
  text: string,
): ChartBlock["spec"] {
  const x = {
    field: "called",
    type: "nominal",
    title: "Predicted",
    sort: [...names],
    axis: { labelAngle: 0, orient: "top" },
  };
  const y = { field: "truth", type: "nominal", title: "True", sort: [...names] };
  return {
    data: { name },
    width: 360,
    height: 360,
    encoding: { x, y },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          color,
          opacity,
          tooltip: [
            { field: "truth", title: "true" },
            { field: "called", title: "predicted" },
            { field: "items", type: "quantitative" },
            ...(field === "share"
              ? [{ field, type: "quantitative", format: ".1%", title: "share of the true class" }]
              : []),
          ],
        },
      },
      ...(names.length <= NUMBERED
        ? [
            {
              transform: [{ filter: "datum.items !== 0" }],
              mark: { type: "text" },
              encoding: {
                text: { field: text, type: "quantitative" },
                color: { condition: { test: strong, value: "#fff" }, value: "var(--ink)" },
              },
            },
          ]
        : []),
    ],
  };
}

function scoreTable({ variant, data }: Shown<Confusion>, id: string): Block {
  return {
    type: "table",
    id: `${id}-scores-${variant.index}`,
    title: variant.name,
    table: {
      columns: [
        { label: "Class" },
        { label: "Items", format: "integer" },
        { label: "Precision", better: "higher", format: "percent" },
        { label: "Recall", better: "higher", format: "percent" },
        { label: "F1", better: "higher" },
      ],
      rows: classScores(data.matrix).map(({ support, precision, recall, f1 }, c) => [
        data.names[c] as string,
        support,
        precision ?? notMeasurable("nothing was called so"),
        recall ?? notMeasurable("no item is so"),
        f1 ?? notMeasurable("no item is so, and nothing was called so"),
      ]),
    },
  };
}
