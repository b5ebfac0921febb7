import { calibration } from "../../base/classify.js";
import type { Cell } from "../block.js";
import { defineChart, isAbsent } from "../chart.js";
import { classifiedItems } from "../draw/classified.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { formatNumber, round } from "../format.js";
import { colorScale, shapeScale } from "../looks.js";

type Calibration = {
  readonly ece: number;
  readonly bins: readonly {
    readonly items: number;
    readonly confidence: number | null;
    readonly accuracy: number | null;
  }[];
};

const SHOWN = 8;

export default defineChart<"calibration", Calibration>({
  kind: "calibration",
  group: "quality",
  place: 3,
  ofOutput: true,

  async collect({ artifacts }, options) {
    const items = classifiedItems(artifacts);
    if (isAbsent(items)) return items;
    const { ece, bins } = calibration(items, options.bins);
    const short = (value: number | null) => (value === null ? null : round(value));
    return {
      data: {
        ece: round(ece),
        bins: bins.map(({ items, confidence, accuracy }) => ({
          items,
          confidence: short(confidence),
          accuracy: short(accuracy),
        })),
      },
    };
  },

  draw(shown, _options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const rows = kept.flatMap(({ variant, data }) =>
      data.bins.flatMap((bin) => (bin.items > 0 ? [{ variant: variant.name, ...bin }] : [])),
    );
    page.dataset(page.id, {
      variant: rows.map((row) => row.variant),
      confidence: rows.map((row) => row.confidence),
      accuracy: rows.map((row) => row.accuracy),
      items: rows.map((row) => row.items),
    });
    const looks = kept.map(({ variant }) => variant);
    const axis = (field: string, title: string) => ({
      field,
      type: "quantitative",
      title,
      scale: { domain: [0, 1] },
      axis: { format: ".0%" },
    });
    const encoding = {
      x: axis("confidence", "Probability of the predicted class"),
      y: axis("accuracy", "Share that is right"),
      color: { field: "variant", type: "nominal", title: null, scale: colorScale(looks) },
    };
    return {
      id: page.id,
      title: "Calibration",
      blocks: [
        {
          type: "chart",
          id: `${page.id}-reliability`,
          title: "Do probabilities mean what they say?",
          alt: `Accuracy against confidence; on the diagonal, probabilities are honest. ${kept.map(({ variant, data }) => `${variant.name}: expected calibration error ${formatNumber(data.ece, "percent")}`).join("; ")}.`,
          spec: {
            data: { name: page.id },
            height: 300,
            layer: [
              {
                data: {
                  values: [
                    { confidence: 0, accuracy: 0 },
                    { confidence: 1, accuracy: 1 },
                  ],
                },
                mark: { type: "line", strokeDash: [3, 3], strokeWidth: 1, color: "var(--muted)" },
                encoding: { x: encoding.x, y: encoding.y },
              },
              { mark: { type: "line", strokeWidth: 1.5 }, encoding },
              {
                mark: { type: "point", opacity: 1, size: 60 },
                encoding: {
                  ...encoding,
                  shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
                  tooltip: [
                    { field: "variant" },
                    { field: "confidence", type: "quantitative", format: ".1%" },
                    { field: "accuracy", type: "quantitative", format: ".1%" },
                    { field: "items", type: "quantitative", format: "," },
                  ],
                },
              },
            ],
          },
          table: {
            columns: [
              { label: "Variant" },
              { label: "Expected calibration error", better: "lower", format: "percent" },
              { label: "Mean probability in a bin", format: "percent" },
              { label: "Share that is right", format: "percent" },
              { label: "Items", format: "integer" },
            ],
            rows: shown.flatMap(({ variant, data }) =>
              data.bins
                .filter(({ items }) => items > 0)
                .map((bin, i): Cell[] => [
                  { value: variant.name, variant: variant.index },
                  i === 0 ? data.ece : null,
                  bin.confidence,
                  bin.accuracy,
                  bin.items,
                ]),
            ),
          },
        },
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ],
    };
  },
});
