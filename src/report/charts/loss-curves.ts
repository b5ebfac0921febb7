import { isReconstruction, samplingOf, trainedOutputs } from "../../artifact/graph.js";
import { canonicalJson, type Json, type JsonObject, own } from "../../base/json.js";
import type { Block, ChartBlock, Table, VegaLiteSpec } from "../block.js";
import { type Absent, type Collected, defineChart, type Page, type Shown } from "../chart.js";
import { divergenceNotes } from "../comparable.js";
import { foremost } from "../draw/foremost.js";
import { inSplitOrder } from "../draw/items.js";
import { metricTitle, withUnit } from "../draw/measured.js";
import { formatNumber, listed, round, tickFormat } from "../format.js";
import { colorScale, shapeScale } from "../looks.js";
import { fieldNamed } from "../vega-names.js";

type Curves = {
  /** split → metric → one value an epoch. */
  readonly splits: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
  /** From 1; null where training did not end. */
  readonly bestEpoch: number | null;
};

/** Above this many variants, the others are thin grey lines behind the foremost. */
const COLORED = 7;

/** Variants in the tables of the curves: the foremost, like the lines. */
const TABLED = 12;

export default defineChart<"loss-curves", Curves & { [key: string]: Json }>({
  kind: "loss-curves",
  group: "training",
  place: 1,
  about: "history",

  async collect({ artifacts }) {
    return fromHistory(artifacts.history);
  },

  recover({ artifacts, partialHistory }) {
    if (artifacts.history || !partialHistory?.length) return fromHistory(artifacts.history);
    const splits: Record<string, Record<string, (number | null)[]>> = {};
    partialHistory.forEach((metrics, epoch) => {
      for (const [split, values] of Object.entries(metrics)) {
        for (const [metric, value] of Object.entries(values)) {
          splits[split] ??= {};
          splits[split][metric] ??= new Array(partialHistory.length).fill(null);
          (splits[split][metric] as (number | null)[])[epoch] = value;
        }
      }
    });
    return { data: { splits, bestEpoch: null } };
  },

  draw(shown, options, page) {
    const metrics = metricsOf(shown);
    page.dataset(page.id, curveRows(shown, metrics, foremost(shown, page, COLORED)));
    const [losses, rest] = [metrics.slice(0, 1), metrics.slice(1)].map((each) =>
      each.flatMap((metric) =>
        byLoss(shown, metric).map((alike, i, { length }) => {
          const of = length > 1 ? `: ${listed(alike.map(({ variant }) => variant.name))}` : "";
          const names = {
            id: `${metric}${i === 0 ? "" : `-${i + 1}`}`,
            title: `${metricTitle(metric)} per epoch${of}`,
          };
          return curveChart(metric, alike, page, options.log === true, names);
        }),
      ),
    ) as [ChartBlock[], ChartBlock[]];
    const blocks: Block[] = losses.length > 1 ? [{ type: "group", layout: "grid", blocks: losses }] : [...losses];
    if (rest.length > 0) blocks.push({ type: "group", layout: "grid", blocks: rest });
    const apart = losses.length > 1 ? ["Trainings with another kind of loss have a chart of their own."] : [];
    const notes = [...apart, ...markNotes(shown, metrics), ...lossNotes(shown)];
    blocks.push(...notes.map((text): Block => ({ type: "text", tone: "note", text })));
    return { id: page.id, title: "Loss curves", blocks };
  },
});

function fromHistory(
  history: { splits: Curves["splits"]; bestEpoch: number } | undefined,
): Collected<Curves & { [key: string]: Json }> | Absent {
  if (!history) return { absent: "nothing was trained" };
  return { data: { splits: history.splits, bestEpoch: history.bestEpoch } };
}

/** What the marks on lines are, and which lines there are none of. */
function markNotes(shown: readonly Shown<Curves>[], metrics: readonly string[]): string[] {
  const broken = shown.filter(
    ({ data }) => data.bestEpoch === null && metrics.some((metric) => hasValue(data, metric)),
  );
  const empty = shown.filter(({ data }) => !metrics.some((metric) => hasValue(data, metric)));
  const clipped = metrics.filter((metric) => valuesOf(shown, metric).some((value) => value <= 0));
  return [
    ...(broken.length < shown.length ? ["The mark on a line is the variant's best epoch."] : []),
    ...(broken.length > 0 ? ["A cross is where a training ended that was not finished."] : []),
    ...(empty.length > 0
      ? [`Without a value that can be drawn: ${listed(empty.map(({ variant }) => variant.name))}.`]
      : []),
    ...(clipped.some((metric) => logRange(shown, metric) !== null)
      ? ["On a logarithmic scale, values of 0 and below stand at its lower edge."]
      : []),
  ];
}

function hasValue({ splits }: Curves, metric: string): boolean {
  return Object.values(splits).some((values) => own(values, metric)?.some(isNumber));
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

/** All that a chart of the metric draws. */
function valuesOf(shown: readonly Shown<Curves>[], metric: string): number[] {
  return shown.flatMap(({ data }) =>
    Object.values(data.splits).flatMap((values) => (own(values, metric) ?? []).filter(isNumber)),
  );
}

/** What a logarithmic scale reaches over: all values above 0; null where there is none. */
function logRange(shown: readonly Shown<Curves>[], metric: string): readonly [number, number] | null {
  const positive = valuesOf(shown, metric).filter((value) => value > 0);
  if (positive.length === 0) return null;
  const [low, high] = [positive.reduce((a, b) => Math.min(a, b)), positive.reduce((a, b) => Math.max(a, b))];
  return low === high ? [low / 2, high * 2] : [low, high];
}

/** What the loss of a variational autoencoder is the sum of, and how much noise went in; once where all agree. */
function lossNotes(shown: readonly Shown<Curves>[]): string[] {
  const notes = shown.flatMap(({ artifacts: { model, weights } }) => {
    const sampling = model === undefined ? null : samplingOf(model);
    if (sampling === null) return [];
    const { noise, scale } = sampling;
    const weight = weights?.loss.kl;
    const kl =
      typeof weight === "number" && weight !== 1
        ? `${formatNumber(weight)} times the KL divergence`
        : "the KL divergence";
    const sigma = scale === "exp" ? "exp(s)" : "exp(s/2)";
    return `The loss of an item is its reconstruction error, summed over its values, plus ${kl}, in nats; curves are means over items. The decoder sees z = m + ${sigma}·ε, with ε of standard deviation ${formatNumber(noise)}. Training curves are means over an epoch in which the weights still change; test curves are measured at its end.`;
  });
  const forms = divergenceNotes(shown.map(({ variant, artifacts }) => ({ name: variant.name, artifacts })));
  const apart =
    "Losses with other forms of the KL divergence are other quantities: their curves cannot be held against each other.";
  return [...new Set(notes), ...forms, ...(forms.length > 1 ? [apart] : [])];
}

/** The loss, what it is made of, and then the rest by name; a part that is the whole of it is drawn once. */
function metricsOf(shown: readonly Shown<Curves>[]): string[] {
  const names = shown.flatMap(({ data }) => Object.values(data.splits).flatMap((metrics) => Object.keys(metrics)));
  const there = [...new Set(["loss", "reconstruction", "kl", ...names])].filter((name) => names.includes(name));
  return there.filter((name) => name === "loss" || !isWholeLoss(shown, name));
}

function isWholeLoss(shown: readonly Shown<Curves>[], metric: string): boolean {
  return shown.every(({ data }) =>
    Object.values(data.splits).every((values) => {
      const [whole, part] = [own(values, "loss"), own(values, metric)];
      return part === undefined || (whole !== undefined && part.join() === whole.join());
    }),
  );
}

/** Trainings that have the metric, apart by the loss where it is the loss: those of different kinds have no common axis. */
function byLoss(shown: readonly Shown<Curves>[], metric: string): readonly (readonly Shown<Curves>[])[] {
  if (metric !== "loss") return [shown];
  const groups = new Map<string, Shown<Curves>[]>();
  for (const each of shown) {
    // Of a training that was not finished there is nothing that says by which loss: it stands with the first.
    const key = lossKinds(each.artifacts) ?? groups.keys().next().value ?? "";
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

/** The kinds of loss that a training adds up, by output. */
function lossKinds({ model, weights }: Shown["artifacts"]): string | null {
  if (model === undefined || weights === undefined) return null;
  const { reconstruction, kl: _, ...plain } = weights.loss;
  const common = Object.keys((reconstruction ?? plain) as JsonObject);
  const rebuilt = trainedOutputs(model).map((output) => [isReconstruction(output), Object.keys(output.loss ?? {})]);
  return canonicalJson([common, rebuilt as Json]);
}

function curveRows(shown: readonly Shown<Curves>[], metrics: readonly string[], colored: readonly Shown<Curves>[]) {
  const columns: Record<string, (string | number | boolean | null)[]> = {
    variant: [],
    split: [],
    epoch: [],
    best: [],
    /** Nothing else is drawn of this line, which therefore is none. */
    alone: [],
    /** The last value of a training that was not finished. */
    ended: [],
    colored: [],
  };
  for (const metric of metrics) columns[metric] = [];
  for (const each of shown) {
    const trainedOnly = Object.keys(each.data.splits).join() === "train";
    for (const [split, values] of Object.entries(each.data.splits)) {
      const epochs = Math.max(...Object.values(values).map((curve) => curve.length), 0);
      const measured = (epoch: number) => metrics.some((metric) => isNumber(own(values, metric)?.[epoch] ?? null));
      const drawn = Array.from({ length: epochs }, (_, epoch) => epoch).filter(measured);
      for (let epoch = 0; epoch < epochs; epoch++) {
        columns.variant?.push(each.variant.name);
        columns.split?.push(split);
        columns.epoch?.push(epoch + 1);
        columns.best?.push(each.data.bestEpoch === epoch + 1 && (split !== "train" || trainedOnly));
        columns.alone?.push(drawn.length === 1 && drawn[0] === epoch);
        columns.ended?.push(each.data.bestEpoch === null && drawn.at(-1) === epoch);
        columns.colored?.push(colored.includes(each));
        for (const metric of metrics) {
          const value = own(values, metric)?.[epoch] ?? null;
          columns[metric]?.push(isNumber(value) ? round(value, 7) : null);
        }
      }
    }
  }
  return columns;
}

function curveChart(
  metric: string,
  shown: readonly Shown<Curves>[],
  page: Page,
  log: boolean,
  names: { readonly id: string; readonly title: string },
): ChartBlock {
  const title = metricTitle(metric);
  const strokes = splitsOf(shown);
  const drawn = shown.filter(({ data }) => hasValue(data, metric));
  // Nothing above 0 has a place on a logarithmic scale.
  const range = logRange(shown, metric);
  const main = curveSpec(metric, title, drawn, page, log ? range : null);
  const other = range && curveSpec(metric, title, drawn, page, log ? null : range);
  const last = shown.map(({ variant, data }) => {
    const values = own(data.splits.test ?? {}, metric) ?? own(Object.values(data.splits)[0] ?? {}, metric) ?? [];
    return `${variant.name} ends at ${formatNumber(values.at(-1) ?? null)}`;
  });
  return {
    type: "chart",
    id: `${page.id}-${names.id}`,
    title: names.title,
    alt: `Lines of ${title} against epoch${strokes.length > 1 ? `, solid on ${strokes[0]} data and dashed on ${listed(strokes.slice(1))} data` : ""}. ${last.slice(0, 8).join("; ")}.`,
    spec: main,
    ...(other && { toggle: { label: log ? "Linear scale" : "Log scale", spec: other } }),
    table: curveTable(metric, foremost(shown, page, TABLED)),
  };
}

function curveSpec(
  metric: string,
  title: string,
  shown: readonly Shown<Curves>[],
  page: Page,
  log: readonly [number, number] | null,
): VegaLiteSpec {
  const looks = shown.filter((each) => foremost(shown, page, COLORED).includes(each)).map((each) => each.variant);
  const many = looks.length < shown.length;
  const epochs = Math.max(
    1,
    ...shown.flatMap(({ data }) => Object.values(data.splits).map((values) => own(values, metric)?.length ?? 0)),
  );
  const x = {
    field: "epoch",
    type: "quantitative",
    title: "Epoch",
    axis: { values: epochTicks(epochs), format: "d", grid: false },
    scale: { domainMin: 1, nice: false },
  };
  const y = {
    field: fieldNamed(metric),
    type: "quantitative",
    title: withUnit(title, shown, metric),
    axis: { format: tickFormat(valuesOf(shown, metric), log ? "log" : "linear") },
    scale: log ? { type: "log", domain: [...log], clamp: true, nice: false } : { zero: false },
  };
  const splits = splitsOf(shown);
  const color = { field: "variant", type: "nominal", title: null, scale: colorScale(looks) };
  const strokeDash = {
    field: "split",
    type: "nominal",
    title: null,
    scale: {
      domain: splits,
      range: splits.map((_, i) => DASHES[i % DASHES.length] as readonly number[]),
    },
  };
  const tooltip = [
    { field: "variant", type: "nominal" },
    { field: "split", type: "nominal" },
    { field: "epoch", type: "quantitative" },
    { field: fieldNamed(metric), type: "quantitative", format: ",.5~r" },
  ];
  const context = {
    transform: [{ filter: `!datum.colored && datum.split === '${splits[0]}'` }],
    mark: { type: "line", strokeWidth: 1, opacity: 0.5, color: "var(--line)" },
    encoding: { x, y, detail: { field: "variant" } },
  };
  const best = {
    transform: [{ filter: "datum.best && datum.colored" }],
    mark: { type: "point", size: 80, opacity: 1, stroke: "var(--paper)", strokeWidth: 1 },
    encoding: {
      x,
      y,
      color,
      shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
      tooltip: [...tooltip, { field: "best", type: "nominal", title: "best epoch" }],
    },
  };
  return {
    data: { name: page.id },
    // Lines of other charts are in the rows, too, and would stretch the axes of this one.
    transform: [{ filter: { field: "variant", oneOf: shown.map(({ variant }) => variant.name) } }],
    height: 280,
    layer: [
      ...(many ? [context] : []),
      {
        transform: [{ filter: "datum.colored" }],
        mark: { type: "line", strokeWidth: 2, interpolate: "linear" },
        encoding: { x, y, color, strokeDash },
      },
      {
        transform: [{ filter: "datum.colored" }],
        // A line of one epoch cannot be seen, its point can.
        mark: { type: "point", size: 120 },
        encoding: {
          x,
          y,
          tooltip,
          color,
          opacity: { condition: { test: "datum.alone", value: 1 }, value: 0 },
          size: { condition: { test: "datum.alone", value: 40 }, value: 120 },
        },
      },
      ...(shown.some(({ data }) => data.bestEpoch === null)
        ? [
            {
              transform: [{ filter: "datum.ended && datum.colored" }],
              mark: { type: "text", text: "×", fontSize: 20, fontWeight: "bold" },
              encoding: { x, y, color, tooltip },
            },
          ]
        : []),
      ...(shown.some(({ data }) => data.bestEpoch !== null) ? [best] : []),
    ],
  };
}

/** Strokes of the splits: solid for what is not trained on. */
const DASHES = [
  [1, 0],
  [5, 3],
  [2, 2],
];

/** Those that there are, the training data last. */
function splitsOf(shown: readonly Shown<Curves>[]): string[] {
  return inSplitOrder([...new Set(shown.flatMap(({ data }) => Object.keys(data.splits)))]).reverse();
}

/** Whole epochs, ten or so: the first, then multiples of a round step. */
function epochTicks(epochs: number): number[] {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500].find((each) => epochs / each <= 12) ?? Math.ceil(epochs / 10);
  const multiples = Array.from({ length: Math.floor(epochs / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? multiples : [1, ...multiples];
}

/** A row an epoch where that is short, else the epochs that matter: the first, every tenth part, the last. */
function curveTable(metric: string, shown: readonly Shown<Curves>[]): Table {
  const series = shown.flatMap(({ variant, data }) =>
    Object.entries(data.splits).map(([split, values]) => ({
      label: `${variant.name}, ${split}`,
      values: own(values, metric) ?? [],
    })),
  );
  const epochs = Math.max(0, ...series.map(({ values }) => values.length));
  const step = Math.max(1, Math.ceil(epochs / 10));
  const rows = Array.from({ length: epochs }, (_, i) => i).filter((i) => i % step === 0 || i === epochs - 1);
  return {
    columns: [{ label: "Epoch", format: "integer" }, ...series.map(({ label }) => ({ label }))],
    rows: rows.map((i) => [i + 1, ...series.map(({ values }) => values[i] ?? null)]),
  };
}
