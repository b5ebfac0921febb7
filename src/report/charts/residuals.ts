import type { Block, Cell } from "../block.js";
import { defineChart, isAbsent, type Page, type Shown } from "../chart.js";
import { bestFirst, foremost, leftOut } from "../draw/foremost.js";
import { ofValues, somePoints, valuedItems } from "../draw/valued.js";
import { formatNumber, round } from "../format.js";
import { colorScale, dashScale, shapeScale } from "../looks.js";
import { histogram, quantile } from "../math/stats.js";

type Residuals = {
  readonly split: string;
  readonly items: number;
  /** How many values an item has. */
  readonly values: number;
  readonly mean: number;
  /** Order statistics of true less predicted. */
  readonly quantiles: { readonly [name: string]: number };
  /** Of some of the items. */
  readonly predicted: readonly number[];
  readonly residual: readonly number[];
};

const SHOWN = 4;
const MARKS = { min: 0, q05: 0.05, q25: 0.25, median: 0.5, q75: 0.75, q95: 0.95, max: 1 };
/** Rows of the table in sight. */
const FOLD = 20;

export default defineChart<"residuals", Residuals>({
  kind: "residuals",
  group: "quality",
  place: 8,
  ofOutput: true,

  async collect({ artifacts }, options) {
    const items = valuedItems(artifacts, options.value);
    if (isAbsent(items)) return items;
    const residuals = items.truth.map((truth, i) => truth - (items.predicted[i] as number)).filter(Number.isFinite);
    const sorted = residuals.slice().sort();
    const some = somePoints(items, options.points);
    return {
      data: {
        split: items.split,
        items: items.truth.length,
        values: items.values,
        mean: round(residuals.reduce((sum, residual) => sum + residual, 0) / residuals.length, 6),
        quantiles: Object.fromEntries(Object.entries(MARKS).map(([name, p]) => [name, round(quantile(sorted, p), 6)])),
        predicted: some.predicted.map((value) => round(value, 5)),
        residual: some.truth.map((truth, i) => round(truth - (some.predicted[i] as number), 5)),
      },
    };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    return {
      id: page.id,
      title: "Residuals",
      blocks: [
        {
          type: "group",
          layout: "grid",
          blocks: [distribution(kept, options.bins, options.value, page), spread(kept, page)],
        },
        {
          type: "text",
          tone: "note",
          text: "A residual is the true value less the predicted one: above 0 the model says too little. Around 0, and alike for small and large predictions, nothing is left that a model could still learn from this picture. The histogram leaves out the far tails.",
        },
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
        quantileTable(bestFirst(shown, page, FOLD), page.id),
      ],
    };
  },
});

function distribution(kept: readonly Shown<Residuals>[], bins: number, value: number, page: Page): Block {
  const reach = Math.max(
    ...kept.map(
      ({ data: { quantiles } }) => 1.5 * Math.max(Math.abs(quantiles.q05 ?? 0), Math.abs(quantiles.q95 ?? 0)),
    ),
  );
  const rows = kept.flatMap(({ variant, data, artifacts }) => {
    const items = valuedItems(artifacts, value);
    const residuals = isAbsent(items)
      ? Float32Array.from(data.residual)
      : items.truth.map((truth, i) => truth - (items.predicted[i] as number));
    const { edges, counts } = histogram(residuals, -reach, reach, bins);
    return counts.map((count, b) => {
      return { variant: variant.name, residual: edges[b] as number, share: count / residuals.length };
    });
  });
  const name = `${page.id}-distribution`;
  page.dataset(name, {
    variant: rows.map((row) => row.variant),
    residual: rows.map((row) => round(row.residual)),
    share: rows.map((row) => round(row.share, 4)),
  });
  const looks = kept.map(({ variant }) => variant);
  const first = kept[0]?.data;
  return {
    type: "chart",
    id: name,
    title: `Distribution of the residual over ${first?.split ?? "test"} items${ofValues(value, first?.values ?? 1)}`,
    alt: `Outlined histograms of true less predicted values. ${kept.map(({ variant, data }) => `${variant.name}: median ${formatNumber(data.quantiles.median)}, 90 % between ${formatNumber(data.quantiles.q05)} and ${formatNumber(data.quantiles.q95)}`).join("; ")}.`,
    spec: {
      data: { name },
      height: 240,
      layer: [
        {
          mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
          encoding: {
            x: { field: "residual", type: "quantitative", title: "True − predicted", axis: { grid: false } },
            y: { field: "share", type: "quantitative", title: "Share of items", axis: { format: ".0%" } },
            color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks) },
            strokeDash: { field: "variant", type: "nominal", title: null, scale: dashScale(looks) },
          },
        },
        { mark: { type: "rule", strokeDash: [4, 3], color: "var(--muted)" }, encoding: { x: { datum: 0 } } },
      ],
    },
    table: null,
  };
}

/** Residuals by what was predicted. */
function spread(kept: readonly Shown<Residuals>[], page: Page): Block {
  const rows = kept.flatMap(({ variant, data }) =>
    data.predicted.map((predicted, i) => ({ variant: variant.name, predicted, residual: data.residual[i] as number })),
  );
  const name = `${page.id}-points`;
  page.dataset(name, {
    variant: rows.map((row) => row.variant),
    predicted: rows.map((row) => row.predicted),
    residual: rows.map((row) => row.residual),
  });
  const looks = kept.map(({ variant }) => variant);
  return {
    type: "chart",
    id: name,
    title: "Residual against predicted value",
    alt: `Points of single items around a line at 0. ${kept.map(({ variant, data }) => `${variant.name}: mean residual ${formatNumber(data.mean)}`).join("; ")}.`,
    spec: {
      data: { name },
      height: 240,
      layer: [
        {
          mark: { type: "point", opacity: 0.55, size: 22, filled: true },
          encoding: {
            x: { field: "predicted", type: "quantitative", title: "Predicted value", scale: { zero: false } },
            y: { field: "residual", type: "quantitative", title: "True − predicted" },
            color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks) },
            shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
            tooltip: [
              { field: "variant" },
              { field: "predicted", type: "quantitative", format: ".4~g" },
              { field: "residual", type: "quantitative", format: ".4~g" },
            ],
          },
        },
        { mark: { type: "rule", strokeDash: [4, 3], color: "var(--muted)" }, encoding: { y: { datum: 0 } } },
      ],
    },
    table: null,
  };
}

function quantileTable(shown: readonly Shown<Residuals>[], id: string): Block {
  const names = { min: "Lowest", q05: "5 %", q25: "25 %", median: "Median", q75: "75 %", q95: "95 %", max: "Highest" };
  return {
    type: "table",
    id: `${id}-quantiles`,
    title: "Residuals: true less predicted",
    fold: FOLD,
    table: {
      columns: [
        { label: "Variant" },
        { label: "Items", format: "integer" },
        { label: "Mean" },
        ...Object.values(names).map((label) => ({ label })),
      ],
      rows: shown.map(({ variant, data }): Cell[] => [
        { value: variant.name, variant: variant.index },
        data.items,
        data.mean,
        ...Object.keys(names).map((key) => data.quantiles[key] ?? null),
      ]),
    },
  };
}
