import { type Sampling, samplingOf } from "../../artifact/graph.js";
import { floatValues } from "../../artifact/tensor.js";
import type { Predictions } from "../../artifact/types.js";
import { type Block, type Cell, notMeasurable } from "../block.js";
import { defineChart, type Shown } from "../chart.js";
import { divergenceNotes } from "../comparable.js";
import { type Baseline, componentBaseline, squaredErrorOf } from "../draw/components.js";
import { evenly, labelsOf, rowsOf } from "../draw/items.js";
import { splitName } from "../draw/measured.js";
import { formatNumber, listed } from "../format.js";
import { type Measure, type Separation, separation } from "../math/separation.js";
import { wilson } from "../math/stats.js";

export type LatentQuality = Separation & {
  /** Those that carry most, where there are too many to list. */
  readonly dimensions: readonly LatentDimension[];
  /** How many there are, and how many of them are in use. */
  readonly units: number;
  readonly active: number;
  readonly variational: boolean;
  /** As many principal components as latent dimensions, up to a limit, on the same items. */
  readonly pca: (Separation & Baseline) | null;
  /** Mean squared error a value: of the model, and of always answering with the mean training item. */
  readonly squaredError: number | null;
  readonly meanSquaredError: number | null;
  /** Items that squared errors were measured on; not in what early versions stored. */
  readonly errorItems?: number;
};

type LatentDimension = {
  /** From 1. */
  readonly number: number;
  /** Mean KL divergence to the prior, nats. */
  readonly kl: number | null;
  /** Variance of the posterior means over items; below 0.01 a unit is off (Burda, Grosse, Salakhutdinov 2016). */
  readonly variance: number;
};

const ACTIVE = 0.01;
/** Dimensions in the table of each variant. */
const LISTED = 64;

export default defineChart<"latent-quality", LatentQuality>({
  kind: "latent-quality",
  group: "latent",
  place: 3,

  async collect(source, options) {
    const { dataset, predictions } = source.artifacts;
    if (!predictions?.latent) return { absent: "the model has no latent space" };
    const labels = labelsOf(dataset, predictions.split);
    if (!dataset || labels === null) return { absent: "the data has no labels" };
    const { latent } = predictions;
    const units = latent.shape[1] as number;
    const chosen = (limit: number) => (most: number) => evenly(predictions.items, Math.min(options.items, limit, most));
    const baseline = source.shared("pca", () => componentBaseline(dataset, predictions, units));
    const pca = baseline && {
      ...separation(
        { dimensions: baseline.components, labels, rows: baseline.codes },
        chosen(baseline.projectable),
        options.neighbors,
      ),
      components: baseline.components,
      trained: baseline.trained,
      squaredError: baseline.squaredError,
    };
    const all = {
      dimensions: units,
      labels,
      rows: (rows: readonly number[]) => Float64Array.from(rowsOf(latent, rows)),
    };
    // Large items are many numbers each.
    const measured = baseline?.measured ?? evenly(predictions.items, 1000);
    const dimensions = dimensionsOf(
      predictions,
      units,
      source.artifacts.model === undefined ? null : samplingOf(source.artifacts.model),
    );
    return {
      data: {
        ...separation(all, chosen(predictions.items), options.neighbors),
        dimensions: foremostDimensions(dimensions),
        units,
        active: dimensions.filter(({ variance }) => variance > ACTIVE).length,
        variational: predictions.latentScale !== undefined,
        pca,
        squaredError: squaredErrorOf(source, measured),
        errorItems: measured.length,
        meanSquaredError: baseline?.meanSquaredError ?? null,
      },
    };
  },

  draw(stored, options, page) {
    const shown = stored.map((each) => ({ ...each, data: upToDate(each.data) }));
    const blocks: Block[] = [
      {
        type: "text",
        text: `Do the latent means separate the classes? Measured on the ${splitName(shown)} items by the true labels, which the model has not seen.`,
      },
      separationTable(shown, page.id, options.neighbors),
      ...errorTable(shown, page.id),
      ...collapseWarnings(shown),
      dimensionTable(shown, page.id),
    ];
    return { id: page.id, title: "Latent quality", blocks };
  },
});

/** Of a figure that an earlier version stored, what is missing follows from the rest. */
export function upToDate(data: LatentQuality): LatentQuality {
  if (data.why !== undefined) return data;
  const filled = <S extends Separation>(part: S, units: number) => ({
    ...part,
    probeItems: part.items,
    probeDimensions: units,
    why: {
      ...(part.silhouette === null && { silhouette: "all items are of one class" }),
      ...(part.daviesBouldin === null && { daviesBouldin: "all items are of one class" }),
    },
  });
  const dimensions = data.dimensions.map((each, d) => ({ ...each, number: d + 1 }));
  const units = dimensions.length;
  return {
    ...filled(data, units),
    dimensions,
    units,
    active: dimensions.filter(({ variance }) => variance > ACTIVE).length,
    pca: data.pca && { ...filled(data.pca, units), components: units, trained: 2000 },
  };
}

/**
 * KL of one dimension as the loss counts it: −½ (1 + s − m² − exp s), where exp s follows from the posterior's standard
 * deviation: σ·noise, with σ = exp(s) or exp(s/2).
 */
function dimensionsOf(predictions: Predictions, count: number, latent: Sampling | null): LatentDimension[] {
  const means = floatValues(predictions.latent as NonNullable<Predictions["latent"]>);
  const scales = predictions.latentScale ? floatValues(predictions.latentScale) : null;
  return Array.from({ length: count }, (_, d) => {
    let [sum, squares, kl] = [0, 0, 0];
    for (let i = 0; i < predictions.items; i++) {
      const m = means[i * count + d] as number;
      sum += m;
      squares += m * m;
      if (scales && latent) {
        const sigma = Math.max(1e-12, (scales[i * count + d] as number) / latent.noise);
        const v = latent.scale === "exp" ? sigma : sigma * sigma;
        kl += 0.5 * (m * m + v - 1 - Math.log(v));
      }
    }
    const n = predictions.items;
    return { number: d + 1, variance: squares / n - (sum / n) ** 2, kl: scales && latent ? kl / n : null };
  });
}

/** All in their order, or those that say most where that is too long a list. */
function foremostDimensions(dimensions: readonly LatentDimension[]): readonly LatentDimension[] {
  if (dimensions.length <= LISTED) return dimensions;
  const says = ({ kl, variance }: LatentDimension) => kl ?? variance;
  return [...dimensions].sort((a, b) => says(b) - says(a) || a.number - b.number).slice(0, LISTED);
}

function separationTable(shown: readonly Shown<LatentQuality>[], id: string, neighbors: number): Block {
  const cellOf = (data: Separation, measure: Measure): Cell => {
    const [value, why] = [data[measure], data.why[measure]];
    if (value === null) return notMeasurable(why ?? "it is no finite number");
    if (measure === "silhouette" || measure === "daviesBouldin") return { value, text: formatNumber(value, "fixed") };
    const n = measure === "probeCorrect" ? data.probeItems : data.items;
    const { low, high } = wilson(value, n);
    return { value: value / n, note: `${formatNumber(low, "percent")} to ${formatNumber(high, "percent")}` };
  };
  const row = (first: Cell, data: Separation): Cell[] => [
    first,
    ...(["neighborsCorrect", "probeCorrect", "silhouette", "daviesBouldin"] as const).map((each) => cellOf(data, each)),
  ];
  const baselines = new Map<string, Cell[]>();
  for (const { data } of shown) {
    const label = data.pca ? componentsLabel(data) : "";
    if (data.pca && !baselines.has(label)) baselines.set(label, row(label, data.pca));
  }
  return {
    type: "table",
    id: `${id}-separation`,
    title: "Separation of the classes",
    fold: 20,
    note: `Nearest neighbours: leave-one-out accuracy of ${neighbors} neighbours. Linear probe: five-fold cross-validated accuracy of logistic regression, which is fitted to four fifths of the items and tried on the rest. Silhouette: −1 mixed to 1 apart. Davies-Bouldin: 0 is apart. Shares with their 95 % interval. ${itemsNote(shown)}`,
    table: {
      columns: [
        { label: "Variant" },
        { label: "Nearest neighbours", better: "higher", format: "percent" },
        { label: "Linear probe", better: "higher", format: "percent" },
        { label: "Silhouette", better: "higher" },
        { label: "Davies-Bouldin", better: "lower" },
      ],
      rows: [
        ...shown.map(({ variant, data }) => row({ value: variant.name, variant: variant.index }, data)),
        ...baselines.values(),
      ],
    },
  };
}

function componentsLabel({ pca, units }: LatentQuality): string {
  const of = pca && pca.components < units ? ` of ${formatNumber(units, "integer")}` : "";
  return `PCA, ${pca?.components}${of} components`;
}

/** How many items were measured, and of what was cut down. */
function itemsNote(shown: readonly Shown<LatentQuality>[]): string {
  const split = splitName(shown);
  const counts = (of: (data: LatentQuality) => number) => {
    const distinct = [...new Set(shown.map(({ data }) => of(data)))];
    return listed(distinct.map((count) => formatNumber(count, "integer")));
  };
  const [compared, probed] = [counts(({ items }) => items), counts(({ probeItems }) => probeItems)];
  const items = (count: string) => `${count} ${split} items${count.includes(" and ") ? ", by variant" : ""}`;
  const over =
    compared === probed ? `Over ${items(compared)}.` : `Over ${items(compared)}; the probe over ${items(probed)}.`;
  const reduced = shown.filter(({ data }) => data.probeDimensions < data.units);
  const names = listed(reduced.map(({ variant }) => variant.name));
  return reduced.length === 0
    ? over
    : `${over} The codes of ${names} have too many dimensions for the probe, which sees their first ${reduced[0]?.data.probeDimensions} principal components.`;
}

/** Squared errors, on which a model, principal components and the mean item can be compared. */
function errorTable(shown: readonly Shown<LatentQuality>[], id: string): Block[] {
  if (shown.every(({ data }) => data.squaredError === null)) return [];
  const cell = (value: number | null): Cell =>
    value === null ? notMeasurable("the model does not rebuild its input") : { value, text: formatNumber(value) };
  const rows: Cell[][] = shown.map(({ variant, data }) => [
    { value: variant.name, variant: variant.index },
    cell(data.squaredError),
  ]);
  const [first] = shown;
  const pca = new Map(shown.flatMap(({ data }) => (data.pca ? [[componentsLabel(data), data.pca] as const] : [])));
  for (const [label, { squaredError }] of pca) rows.push([label, cell(squaredError)]);
  if (first && first.data.meanSquaredError !== null)
    rows.push(["Mean training item", cell(first.data.meanSquaredError)]);
  const trained = [...new Set([...pca.values()].map((each) => formatNumber(each.trained, "integer")))];
  const counts = new Set(shown.flatMap(({ data }) => (data.errorItems === undefined ? [] : [data.errorItems])));
  const over = counts.size === 1 ? `${formatNumber([...counts][0], "integer")} ${splitName(shown)} ` : "";
  const found = trained.length === 0 ? "" : ` Principal components are found from ${listed(trained)} training items.`;
  return [
    {
      type: "table",
      id: `${id}-error`,
      title: "Squared error of reconstructions",
      fold: 20,
      note: `Mean over ${over}items and values, on the scale of the model's input.${found}`,
      table: { columns: [{ label: "Variant" }, { label: "Squared error", better: "lower" }], rows },
    },
  ];
}

function collapseWarnings(shown: readonly Shown<LatentQuality>[]): Block[] {
  const collapsed = shown.filter(({ data }) => data.variational && 2 * data.active < data.units);
  if (collapsed.length === 0) return [];
  const names = listed(
    collapsed.map(({ variant, data }) => `${variant.name} (${data.active} of ${data.units} in use)`),
  );
  return [
    {
      type: "notice",
      level: "warning",
      title: "Posterior collapse.",
      text: `Most latent dimensions carry nothing in ${names}. A lower weight of the KL term, or raising it slowly from zero, usually helps.`,
    },
  ];
}

function dimensionTable(shown: readonly Shown<LatentQuality>[], id: string): Block {
  const cut = shown.filter(({ data }) => data.dimensions.length < data.units);
  const forms = divergenceNotes(shown.map(({ variant, artifacts }) => ({ name: variant.name, artifacts })));
  const rest = listed(
    cut.map(({ variant, data }) => `${variant.name} (${data.active} of ${formatNumber(data.units, "integer")} in use)`),
  );
  const listing = cut.length === 0 ? "" : ` Only the ${LISTED} that say most are listed of ${rest}.`;
  return {
    type: "table",
    id: `${id}-dimensions`,
    title: "Latent dimensions",
    fold: 24,
    note: `A dimension is in use when its posterior means vary over the ${splitName(shown)} items by more than ${ACTIVE} (variance).${listing}${forms.map((text) => ` ${text}`).join("")}`,
    table: {
      columns: [
        { label: "Variant" },
        { label: "Dimension", format: "integer" },
        { label: "KL divergence", unit: "nats/example" },
        { label: "Variance of means" },
        { label: "In use" },
      ],
      rows: shown.flatMap(({ variant, data }) =>
        data.dimensions.map(({ number, kl, variance }): Cell[] => [
          { value: variant.name, variant: variant.index },
          number,
          kl,
          variance,
          variance > ACTIVE,
        ]),
      ),
    },
  };
}
