import { floatValues } from "../../artifact/tensor.js";
import type { Block, Cell } from "../block.js";
import { defineChart, type Page, type Shown } from "../chart.js";
import { sameMeasure } from "../comparable.js";
import { bestFirst, foremost, leftOut } from "../draw/foremost.js";
import { classCount, className, labelsOf } from "../draw/items.js";
import { onOneAxis, withUnit } from "../draw/measured.js";
import { counted, formatNumber, round } from "../format.js";
import { colorScale, dashScale, shapeScale } from "../looks.js";
import { histogram, mean, pairedDifference, quantile, variance } from "../math/stats.js";

type ItemErrors = {
  readonly split: string;
  readonly items: number;
  /** Order statistics of the per-item loss, for tables. */
  readonly quantiles: { readonly [name: string]: number };
  readonly classes: readonly {
    readonly label: string;
    readonly items: number;
    readonly mean: number;
    /** Standard error of the mean; null for a single item, which has none. */
    readonly error: number | null;
  }[];
};

const SHOWN = 8;
const MARKS = { min: 0, q05: 0.05, q25: 0.25, median: 0.5, q75: 0.75, q95: 0.95, max: 1 };

/** Rows of the table in sight. */
const FOLD = 20;

export default defineChart<"item-errors", ItemErrors>({
  kind: "item-errors",
  group: "quality",
  place: 5,
  ofOutput: true,

  async collect({ artifacts: { dataset, predictions } }) {
    const losses = predictions?.itemLoss.loss;
    if (!predictions || !losses) return { absent: "the loss of single items was not kept" };
    const values = floatValues(losses);
    const labels = labelsOf(dataset, predictions.split);
    const sorted = values.filter(Number.isFinite).sort();
    const byClass = Array.from({ length: labels ? classCount(dataset, labels) : 0 }, (_, c) => {
      const own = values.filter((value, i) => labels?.[i] === c && Number.isFinite(value));
      const error = own.length > 1 ? Math.sqrt(variance(own) / own.length) : null;
      return { label: className(dataset, c), items: own.length, mean: own.length > 0 ? mean(own) : Number.NaN, error };
    });
    return {
      data: {
        split: predictions.split,
        items: predictions.items,
        quantiles: Object.fromEntries(Object.entries(MARKS).map(([name, p]) => [name, round(quantile(sorted, p), 6)])),
        classes: byClass
          .filter(({ items }) => items > 0)
          .map((each) => ({
            ...each,
            mean: round(each.mean, 7),
            error: each.error === null ? null : round(each.error),
          })),
      },
    };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const { alike, note } = onOneAxis(kept);
    const charts: Block[] = [distribution(alike, options.bins, page), ...byClass(alike, page)];
    const paired = pairedChart(shown, options.bins, page);
    return {
      id: page.id,
      title: "Error of single items",
      blocks: [
        { type: "group", layout: "grid", blocks: charts },
        ...note,
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
        ...paired,
        {
          type: "text",
          tone: "note",
          text: "The histograms leave out the far tails; the table below has the extremes.",
        },
        quantileTable(bestFirst(shown, page, FOLD), page.id),
      ],
    };
  },
});

function lossesOf({ artifacts }: Shown): Float32Array | null {
  const losses = artifacts.predictions?.itemLoss.loss;
  return losses ? floatValues(losses) : null;
}

/** One step line a variant over shared bins: outlines, so that variants stay visible behind each other. */
function distribution(kept: readonly Shown<ItemErrors>[], bins: number, page: Page): Block {
  const low = Math.min(...kept.map(({ data }) => data.quantiles.min as number));
  // The longest tail would flatten everything else.
  const high = Math.max(
    ...kept.map(({ data }) => (data.quantiles.q95 as number) * 1.3 - 0.3 * (data.quantiles.median as number)),
  );
  const rows = kept.flatMap((each) => {
    const values = lossesOf(each);
    if (values === null) return [];
    const { edges, counts } = histogram(values, low, high, bins);
    return counts.map((count, b) => ({
      variant: each.variant.name,
      loss: edges[b] as number,
      share: count / values.length,
    }));
  });
  const name = `${page.id}-distribution`;
  page.dataset(name, {
    variant: rows.map((row) => row.variant),
    loss: rows.map((row) => round(row.loss)),
    share: rows.map((row) => round(row.share, 4)),
  });
  const looks = kept.map(({ variant }) => variant);
  const { split } = (kept[0] as Shown<ItemErrors>).data;
  return {
    type: "chart",
    id: name,
    title: `Distribution of the loss over ${split} items`,
    alt: `Outlined histograms of the loss of single items. ${kept.map(({ variant, data }) => `${variant.name}: median ${formatNumber(data.quantiles.median)}, 95 % below ${formatNumber(data.quantiles.q95)}`).join("; ")}.`,
    spec: {
      data: { name },
      height: 240,
      mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
      encoding: {
        x: {
          field: "loss",
          type: "quantitative",
          title: withUnit("Loss", kept, "loss"),
          scale: { zero: false, nice: false },
          axis: { grid: false },
        },
        y: { field: "share", type: "quantitative", title: "Share of items", axis: { format: ".0%" } },
        color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks) },
        strokeDash: { field: "variant", type: "nominal", title: null, scale: dashScale(looks) },
      },
    },
    table: null,
  };
}

function byClass(kept: readonly Shown<ItemErrors>[], page: Page): Block[] {
  const rows = kept.flatMap(({ variant, data }) => data.classes.map((each) => ({ variant: variant.name, ...each })));
  if (rows.length === 0) return [];
  const name = `${page.id}-classes`;
  page.dataset(name, {
    variant: rows.map((row) => row.variant),
    class: rows.map((row) => row.label),
    loss: rows.map((row) => row.mean),
    low: rows.map((row) => (row.error === null ? null : round(row.mean - 1.96 * row.error, 7))),
    high: rows.map((row) => (row.error === null ? null : round(row.mean + 1.96 * row.error, 7))),
    items: rows.map((row) => row.items),
  });
  const looks = kept.map(({ variant }) => variant);
  const labels = [...new Set(rows.map((row) => row.label))];
  const color = { field: "variant", type: "nominal", title: null, scale: colorScale(looks) };
  const y = { field: "class", type: "nominal", title: "Class", sort: labels };
  const offset = { field: "variant", type: "nominal", sort: looks.map((look) => look.name) };
  return [
    {
      type: "chart",
      id: name,
      title: "Mean loss by class, with 95 % interval",
      alt: `One mark a class and variant. Highest: ${[...rows]
        .sort((a, b) => b.mean - a.mean)
        .slice(0, 3)
        .map((row) => `${row.label} in ${row.variant}, ${formatNumber(row.mean)}`)
        .join("; ")}.`,
      spec: {
        data: { name },
        height: { step: kept.length > 4 ? 6 : 12 },
        layer: [
          {
            mark: { type: "rule", strokeWidth: 1.5 },
            encoding: {
              y,
              yOffset: offset,
              x: { field: "low", type: "quantitative", scale: { zero: false }, title: withUnit("Loss", kept, "loss") },
              x2: { field: "high" },
              color,
            },
          },
          {
            mark: { type: "point", size: 45, opacity: 1 },
            encoding: {
              y,
              yOffset: offset,
              x: { field: "loss", type: "quantitative" },
              color,
              shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
              tooltip: [
                { field: "variant" },
                { field: "class" },
                { field: "loss", type: "quantitative", format: ",.2f" },
                { field: "items", type: "quantitative" },
              ],
            },
          },
        ],
      },
      table: {
        columns: [
          { label: "Class" },
          { label: "Items", format: "integer" },
          ...looks.map((look) => ({ label: look.name })),
        ],
        rows: labels.map((label): Cell[] => {
          const own = rows.filter((row) => row.label === label);
          return [
            label,
            own[0]?.items ?? null,
            ...looks.map((look) => own.find((row) => row.variant === look.name)?.mean ?? null),
          ];
        }),
      },
    },
  ];
}

/** The best variant beside the baseline, item by item. */
function pairedChart(shown: readonly Shown<ItemErrors>[], bins: number, page: Page): Block[] {
  const ordered = [...shown].sort(
    (a, b) => page.ranking.indexOf(a.variant.index) - page.ranking.indexOf(b.variant.index),
  );
  const base = shown.find(({ variant }) => variant.baseline) ?? ordered[1];
  const best = ordered.find((each) => base && each !== base && sameMeasure(each.artifacts, base.artifacts));
  const [a, b] = [best && lossesOf(best), base && lossesOf(base)];
  if (!best || !base || !a || !b) return [];
  const paired = pairedDifference(a, b);
  if (paired === null || paired.equal === paired.items) return [];
  const differences = a.map((value, i) => value - (b[i] as number));
  const sorted = differences.slice().sort();
  const reach = Math.max(Math.abs(quantile(sorted, 0.01)), Math.abs(quantile(sorted, 0.99)));
  // An even number: no bar reaches over zero, where the colours change.
  const { edges, counts } = histogram(differences, -reach, reach, 2 * Math.ceil(bins / 2));
  const name = `${page.id}-paired`;
  page.dataset(name, {
    from: counts.map((_, i) => round(edges[i] as number)),
    to: counts.map((_, i) => round(edges[i + 1] as number)),
    items: counts,
  });
  const share = formatNumber(paired.lower / paired.items, "percent");
  const mean = `${formatNumber(paired.mean, "signed")} (95 % interval ${formatNumber(paired.interval.low, "signed")} to ${formatNumber(paired.interval.high, "signed")})`;
  const [mine, theirs] = [best.variant.name, base.variant.name];
  const title = `${mine} minus ${theirs}, item by item`;
  return [
    {
      type: "chart",
      id: name,
      title,
      alt: `Histogram of the difference in loss of the same item. ${best.variant.name} is lower on ${share} of ${counted(paired.items, "item")}; mean ${mean}.`,
      spec: {
        data: { name },
        height: 180,
        layer: [
          {
            mark: { type: "bar", binSpacing: 1, color: best.variant.color },
            encoding: {
              x: {
                field: "from",
                type: "quantitative",
                bin: { binned: true },
                title: withUnit("Difference in loss", [best, base], "loss"),
                axis: { grid: false },
              },
              x2: { field: "to" },
              y: { field: "items", type: "quantitative", title: "Items" },
              color: { condition: { test: "datum.to <= 0", value: best.variant.color }, value: base.variant.color },
              tooltip: [
                { field: "from", type: "quantitative", format: ".2f" },
                { field: "to", type: "quantitative", format: ".2f" },
                { field: "items", type: "quantitative" },
              ],
            },
          },
          { mark: { type: "rule", strokeDash: [4, 3] }, encoding: { x: { datum: 0 } } },
        ],
      },
      table: {
        columns: [{ label: "Of the same items" }, { label: "Value" }],
        rows: [
          [`${best.variant.name} is lower on`, share],
          ["Equal on", counted(paired.equal, "item")],
          ["Mean difference", mean],
        ],
      },
    },
    {
      type: "text",
      tone: "note",
      text: `Bars left of 0 have the colour of ${mine}: its loss is lower on those items. Bars right of 0 have the colour of ${theirs}, whose loss is lower there.`,
    },
  ];
}

function quantileTable(shown: readonly Shown<ItemErrors>[], id: string): Block {
  const names = { min: "Lowest", q05: "5 %", q25: "25 %", median: "Median", q75: "75 %", q95: "95 %", max: "Highest" };
  return {
    type: "table",
    id: `${id}-quantiles`,
    title: "Loss of single items",
    fold: FOLD,
    table: {
      columns: [
        { label: "Variant" },
        { label: "Items", format: "integer" },
        ...Object.values(names).map((label) => ({ label })),
      ],
      rows: shown.map(({ variant, data }): Cell[] => [
        { value: variant.name, variant: variant.index },
        data.items,
        ...Object.keys(names).map((key) => data.quantiles[key] ?? null),
      ]),
    },
  };
}
