import type { Cell } from "../block.js";
import { defineChart, isAbsent } from "../chart.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { ofValues, somePoints, valuedItems } from "../draw/valued.js";
import { counted, formatNumber, round } from "../format.js";
import { colorScale, shapeScale } from "../looks.js";

type PredictedTrue = {
  readonly split: string;
  readonly items: number;
  /** How many values an item has. */
  readonly values: number;
  /** Of some of the items. */
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
};

/** More clouds than these cover each other. */
const SHOWN = 4;

export default defineChart<"predicted-true", PredictedTrue>({
  kind: "predicted-true",
  group: "quality",
  place: 7,
  ofOutput: true,

  async collect({ artifacts }, options) {
    const items = valuedItems(artifacts, options.value);
    if (isAbsent(items)) return items;
    const { truth, predicted } = somePoints(items, options.points);
    const { split, values } = items;
    const short = (numbers: readonly number[]) => numbers.map((number) => round(number, 5));
    return {
      data: { split, values, items: items.truth.length, truth: short(truth), predicted: short(predicted) },
    };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const rows = kept.flatMap(({ variant, data }) =>
      data.truth.map((truth, i) => ({ variant: variant.name, truth, predicted: data.predicted[i] as number })),
    );
    page.dataset(page.id, {
      variant: rows.map((row) => row.variant),
      truth: rows.map((row) => row.truth),
      predicted: rows.map((row) => row.predicted),
    });
    const [low, high] = rows.length === 0 ? [0, 1] : endsOf(rows.flatMap(({ truth, predicted }) => [truth, predicted]));
    const looks = kept.map(({ variant }) => variant);
    const axis = (field: string, title: string) => ({ field, type: "quantitative", title, scale: { zero: false } });
    const [x, y] = [axis("truth", "True value"), axis("predicted", "Predicted value")];
    const first = shown[0]?.data;
    return {
      id: page.id,
      title: "Predicted against true values",
      blocks: [
        {
          type: "chart",
          id: `${page.id}-points`,
          title: `Predicted against true values of ${first?.split ?? "test"} items${ofValues(options.value, first?.values ?? 1)}`,
          alt: `Points of single items; on the diagonal, what is predicted is true. ${kept.map(({ variant, data }) => `${variant.name}: ${counted(data.truth.length, "point")} of ${counted(data.items, "item")}`).join("; ")}.`,
          spec: {
            data: { name: page.id },
            height: 320,
            layer: [
              {
                data: { values: [low, high].map((end) => ({ truth: end, predicted: end })) },
                mark: { type: "line", strokeDash: [3, 3], strokeWidth: 1, color: "var(--muted)" },
                encoding: { x, y },
              },
              {
                mark: { type: "point", opacity: 0.55, size: 22, filled: true },
                encoding: {
                  x,
                  y,
                  color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks) },
                  shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
                  tooltip: [
                    { field: "variant" },
                    { field: "truth", type: "quantitative", title: "true", format: ".4~g" },
                    { field: "predicted", type: "quantitative", format: ".4~g" },
                  ],
                },
              },
            ],
          },
          table: {
            columns: [{ label: "Variant" }, { label: "True value" }, { label: "Predicted value" }],
            rows: kept.flatMap(({ variant, data }) =>
              data.truth
                .slice(0, TABLE_ROWS)
                .map((truth, i): Cell[] => [
                  { value: variant.name, variant: variant.index },
                  truth,
                  data.predicted[i] as number,
                ]),
            ),
          },
        },
        {
          type: "text",
          tone: "note",
          text: `On the dashed diagonal a prediction is right; above it the model says too much, below it too little. Both lie between ${formatNumber(low)} and ${formatNumber(high)}.`,
        },
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ],
    };
  },
});

/** Items of each variant that the chart's table names. */
const TABLE_ROWS = 50;

/** Of any number of numbers: as arguments of a call they might be too many. */
function endsOf(numbers: readonly number[]): [number, number] {
  return numbers.reduce<[number, number]>(
    ([low, high], number) => [Math.min(low, number), Math.max(high, number)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
