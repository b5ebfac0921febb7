import { type CurvePoint, rankCurves, scoresOf } from "../../base/classify.js";
import { type Block, type Cell, notMeasurable } from "../block.js";
import { defineChart, isAbsent, type Page, type Shown } from "../chart.js";
import { classifiedItems } from "../draw/classified.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { formatNumber, round } from "../format.js";
import { colorScale } from "../looks.js";

type Curve = readonly (readonly [number, number])[];
type Ranking = {
  readonly names: readonly string[];
  /** One a class; null where a class has no items. */
  readonly classes: readonly ({
    readonly roc: Curve;
    readonly pr: Curve;
    readonly rocAuc: number;
    readonly averagePrecision: number;
  } | null)[];
};

const SHOWN = 4;
/** Points kept of a curve: more cannot be seen. */
const POINTS = 80;

export default defineChart<"ranking", Ranking>({
  kind: "ranking",
  group: "quality",
  place: 2,
  ofOutput: true,

  async collect({ artifacts }) {
    const items = classifiedItems(artifacts);
    if (isAbsent(items)) return items;
    const { classes, labels, names } = items;
    const ranks = scoresOf(items);
    return {
      data: {
        names,
        classes: names.map((_, c) => {
          const scores = Float64Array.from({ length: labels.length }, (_, i) => ranks[i * classes + c] as number);
          const curves = rankCurves(scores, (i) => labels[i] === c);
          return (
            curves && {
              roc: thinned(curves.roc),
              pr: thinned(curves.pr),
              rocAuc: round(curves.rocAuc, 7),
              averagePrecision: round(curves.averagePrecision, 7),
            }
          );
        }),
      },
    };
  },

  draw(shown, _options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    return {
      id: page.id,
      title: "ROC and precision-recall",
      blocks: [
        { type: "text", text: "Each class against the rest, ranked by its probability; one line a class." },
        {
          type: "group",
          layout: "grid",
          blocks: [
            curves(kept, page, "roc", "ROC curves", "False positive rate", "True positive rate"),
            curves(kept, page, "pr", "Precision-recall curves", "Recall", "Precision"),
          ],
        },
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
        areaTable(kept, page.id),
      ],
    };
  },
});

/** Points evenly spread along the curve's length on the page, ends included: corners are where a curve says most. */
function thinned(points: readonly CurvePoint[]): Curve {
  const along = [0];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as CurvePoint, points[i] as CurvePoint];
    along.push((along.at(-1) as number) + Math.hypot(b.x - a.x, b.y - a.y));
  }
  const length = along.at(-1) ?? 0;
  let next = 0;
  return points.flatMap(({ x, y }, i): [number, number][] => {
    if ((along[i] as number) < next && i < points.length - 1) return [];
    next = (along[i] as number) + length / POINTS;
    return [[round(x, 4), round(y, 4)]];
  });
}

function curves(
  kept: readonly Shown<Ranking>[],
  page: Page,
  which: "roc" | "pr",
  title: string,
  x: string,
  y: string,
): Block {
  const name = `${page.id}-${which}`;
  const rows = kept.flatMap(({ variant, data }) =>
    data.classes.flatMap((each, c) =>
      (each?.[which] ?? []).map(([px, py], order) => ({
        variant: variant.name,
        class: data.names[c] as string,
        order,
        px,
        py,
      })),
    ),
  );
  page.dataset(name, {
    variant: rows.map((row) => row.variant),
    class: rows.map((row) => row.class),
    order: rows.map((row) => row.order),
    x: rows.map((row) => row.px),
    y: rows.map((row) => row.py),
  });
  const axis = (field: string, label: string) => ({
    field,
    type: "quantitative",
    title: label,
    scale: { domain: [0, 1] },
    axis: { format: ".0%" },
  });
  return {
    type: "chart",
    id: name,
    title,
    alt: `${title} of every class, one colour a variant; the areas are in the table.`,
    spec: {
      data: { name },
      height: 300,
      mark: { type: "line", strokeWidth: 1.3, opacity: 0.75 },
      encoding: {
        x: axis("x", x),
        y: axis("y", y),
        detail: { field: "class", type: "nominal" },
        order: { field: "order", type: "quantitative" },
        color: {
          field: "variant",
          type: "nominal",
          title: null,
          scale: colorScale(kept.map(({ variant }) => variant)),
        },
        tooltip: [{ field: "variant" }, { field: "class" }],
      },
    },
    table: null,
  };
}

function areaTable(kept: readonly Shown<Ranking>[], id: string): Block {
  const names = kept[0]?.data.names ?? [];
  const macro = (data: Ranking, key: "rocAuc" | "averagePrecision"): number | null => {
    const present = data.classes.flatMap((each) => (each ? [each[key]] : []));
    return present.length === 0 ? null : present.reduce((a, b) => a + b, 0) / present.length;
  };
  const cell = (value: number | null | undefined): Cell =>
    value === null || value === undefined
      ? notMeasurable("there are no items of the class, or no others")
      : { value, text: formatNumber(value, "fixed") };
  return {
    type: "table",
    id: `${id}-areas`,
    title: "Areas under the curves",
    fold: 24,
    table: {
      columns: [
        { label: "Class" },
        ...kept.flatMap(({ variant }) => [
          { label: `${variant.name}: ROC AUC`, better: "higher" as const },
          { label: `${variant.name}: average precision`, better: "higher" as const },
        ]),
      ],
      rows: [
        [
          "mean of classes",
          ...kept.flatMap(({ data }) => [cell(macro(data, "rocAuc")), cell(macro(data, "averagePrecision"))]),
        ],
        ...names.map((label, c): Cell[] => [
          label,
          ...kept.flatMap(({ data }) => [cell(data.classes[c]?.rocAuc), cell(data.classes[c]?.averagePrecision)]),
        ]),
      ],
    },
  };
}
