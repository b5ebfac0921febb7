import { floatValues } from "../../artifact/tensor.js";
import type { Dataset, Model, Predictions } from "../../artifact/types.js";
import type { Block, Cell } from "../block.js";
import { type ChartSource, defineChart, type Shown } from "../chart.js";
import { evenly, labelsOf, rowsOf } from "../draw/items.js";
import { splitName } from "../draw/measured.js";
import { formatNumber, listed } from "../format.js";
import { daviesBouldin, type LabelledPoints, nearestNeighboursCorrect, silhouette } from "../math/cluster.js";
import { principalComponents, project, reconstruct } from "../math/pca.js";
import { linearProbeCorrect } from "../math/probe.js";
import { wilson } from "../math/stats.js";

/** How well points separate the classes. */
type Separation = {
  readonly items: number;
  readonly neighborsCorrect: number;
  readonly probeCorrect: number;
  readonly silhouette: number | null;
  readonly daviesBouldin: number | null;
};

export type LatentQuality = Separation & {
  readonly dimensions: readonly LatentDimension[];
  readonly variational: boolean;
  /** As many principal components as latent dimensions, on the same items. */
  readonly pca: (Separation & { readonly squaredError: number }) | null;
  /** Mean squared error a value: of the model, and of always answering with the mean training item. */
  readonly squaredError: number | null;
  readonly meanSquaredError: number | null;
};

type LatentDimension = {
  /** Mean KL divergence to the prior, nats. */
  readonly kl: number | null;
  /** Variance of the posterior means over items; below 0.01 a unit is off (Burda, Grosse, Salakhutdinov 2016). */
  readonly variance: number;
};

const ACTIVE = 0.01;
/** Training items that the principal components are found from. */
const PCA_ITEMS = 2000;

export default defineChart<"latent-quality", LatentQuality>({
  kind: "latent-quality",
  group: "latent",
  place: 3,

  async collect(source, options) {
    const { dataset, predictions } = source.artifacts;
    if (!predictions?.latent) return { absent: "the model has no latent space" };
    const labels = labelsOf(dataset?.splits[predictions.split]);
    if (!dataset || labels === null) return { absent: "the data has no labels" };
    const items = evenly(predictions.items, options.items);
    const dimensions = predictions.latent.shape[1] as number;
    const points: LabelledPoints = {
      points: rowsOf(predictions.latent, items),
      dimensions,
      labels: items.map((item) => labels[item] as number),
    };
    const baseline = source.shared("pca", () => componentBaseline(dataset, predictions, dimensions));
    const pca = baseline && {
      ...separation({ ...points, points: rowsOf64(baseline.codes, dimensions, items) }, options.neighbors),
      squaredError: baseline.squaredError,
    };
    return {
      data: {
        ...separation(points, options.neighbors),
        dimensions: dimensionsOf(predictions, dimensions, source.artifacts.model?.latent),
        variational: predictions.latentScale !== undefined,
        pca,
        squaredError: modelError(source),
        meanSquaredError: baseline?.meanSquaredError ?? null,
      },
    };
  },

  draw(shown, options, page) {
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

function separation(points: LabelledPoints, neighbors: number): Separation {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    items: points.labels.length,
    neighborsCorrect: nearestNeighboursCorrect(points, neighbors),
    probeCorrect: linearProbeCorrect(points),
    silhouette: finite(silhouette(points)),
    daviesBouldin: finite(daviesBouldin(points)),
  };
}

function rowsOf64(values: Float64Array, width: number, rows: readonly number[]): Float64Array {
  return Float64Array.from({ length: rows.length * width }, (_, k) => {
    return values[(rows[Math.floor(k / width)] as number) * width + (k % width)] as number;
  });
}

/** What the same number of straight directions, and what no model at all, can do. */
function componentBaseline(dataset: Dataset, predictions: Predictions, count: number) {
  const train = dataset.splits.train?.x;
  const test = dataset.splits[predictions.split]?.x;
  if (!train || !test) return null;
  const features = train.shape.slice(1).reduce((a, b) => a * b, 1);
  const sample = evenly(train.shape[0] as number, PCA_ITEMS);
  const pca = principalComponents(rowsOf(train, sample), features, count);
  const values = floatValues(test);
  const codes = project(pca, values);
  const error = (answer: (k: number) => number) => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += ((values[k] as number) - answer(k)) ** 2;
    return sum / values.length;
  };
  const answers = reconstruct(pca, codes);
  return {
    codes,
    squaredError: error((k) => answers[k] as number),
    meanSquaredError: error((k) => pca.mean[k % features] as number),
  };
}

function modelError({ artifacts: { dataset, predictions } }: ChartSource): number | null {
  const test = predictions && dataset?.splits[predictions.split]?.x;
  if (!predictions?.reconstruction || !test) return null;
  const [values, answers] = [floatValues(test), floatValues(predictions.reconstruction)];
  if (values.length !== answers.length) return null;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += ((values[k] as number) - (answers[k] as number)) ** 2;
  return sum / values.length;
}

/**
 * KL of one dimension as the loss counts it: −½ (1 + s − m² − exp s), where exp s follows from the posterior's standard
 * deviation: σ·noise, with σ = exp(s) or exp(s/2).
 */
function dimensionsOf(predictions: Predictions, count: number, latent: Model["latent"]): LatentDimension[] {
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
    return { variance: squares / n - (sum / n) ** 2, kl: scales && latent ? kl / n : null };
  });
}

function separationTable(shown: readonly Shown<LatentQuality>[], id: string, neighbors: number): Block {
  const share = (k: number, n: number): Cell => {
    const { low, high } = wilson(k, n);
    return { value: k / n, note: `${formatNumber(low, "percent")} to ${formatNumber(high, "percent")}` };
  };
  const row = (first: Cell, data: Separation): Cell[] => [
    first,
    share(data.neighborsCorrect, data.items),
    share(data.probeCorrect, data.items),
    { value: data.silhouette, text: formatNumber(data.silhouette, "fixed") },
    { value: data.daviesBouldin, text: formatNumber(data.daviesBouldin, "fixed") },
  ];
  const baselines = new Map<string, Cell[]>();
  for (const { data } of shown) {
    const label = `PCA, ${data.dimensions.length} components`;
    if (data.pca && !baselines.has(label)) baselines.set(label, row(label, data.pca));
  }
  return {
    type: "table",
    id: `${id}-separation`,
    title: "Separation of the classes",
    fold: 20,
    note: `Nearest neighbours: leave-one-out accuracy of ${neighbors} neighbours. Linear probe: five-fold cross-validated accuracy of logistic regression. Silhouette: −1 mixed to 1 apart. Davies-Bouldin: 0 is apart. Shares with their 95 % interval, over ${formatNumber(shown[0]?.data.items ?? 0, "integer")} ${splitName(shown)} items.`,
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

/** Squared errors, on which a model, principal components and the mean item can be compared. */
function errorTable(shown: readonly Shown<LatentQuality>[], id: string): Block[] {
  if (shown.every(({ data }) => data.squaredError === null)) return [];
  const cell = (value: number | null): Cell => ({ value, text: formatNumber(value) });
  const rows: Cell[][] = shown.map(({ variant, data }) => [
    { value: variant.name, variant: variant.index },
    cell(data.squaredError),
  ]);
  const [first] = shown;
  const trained = first?.artifacts.dataset?.splits.train?.x.shape[0] ?? PCA_ITEMS;
  const pca = new Map(
    shown.flatMap(({ data }) => (data.pca ? [[data.dimensions.length, data.pca.squaredError] as const] : [])),
  );
  for (const [count, error] of pca) rows.push([`PCA, ${count} components`, cell(error)]);
  if (first && first.data.meanSquaredError !== null)
    rows.push(["Mean training item", cell(first.data.meanSquaredError)]);
  return [
    {
      type: "table",
      id: `${id}-error`,
      title: "Squared error of reconstructions",
      fold: 20,
      note: `Mean over items and values, on the scale of the model's input. Principal components are found from ${formatNumber(Math.min(PCA_ITEMS, trained), "integer")} training items.`,
      table: { columns: [{ label: "Variant" }, { label: "Squared error", better: "lower" }], rows },
    },
  ];
}

function collapseWarnings(shown: readonly Shown<LatentQuality>[]): Block[] {
  const collapsed = shown.filter(({ data }) => data.variational && 2 * activeUnits(data) < data.dimensions.length);
  if (collapsed.length === 0) return [];
  const names = listed(
    collapsed.map(({ variant, data }) => `${variant.name} (${activeUnits(data)} of ${data.dimensions.length} in use)`),
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

function activeUnits(data: LatentQuality): number {
  return data.dimensions.filter(({ variance }) => variance > ACTIVE).length;
}

function dimensionTable(shown: readonly Shown<LatentQuality>[], id: string): Block {
  return {
    type: "table",
    id: `${id}-dimensions`,
    title: "Latent dimensions",
    fold: 24,
    note: `A dimension is in use when its posterior means vary over the ${splitName(shown)} items by more than ${ACTIVE} (variance).`,
    table: {
      columns: [
        { label: "Variant" },
        { label: "Dimension", format: "integer" },
        { label: "KL divergence", unit: "nats/example" },
        { label: "Variance of means" },
        { label: "In use" },
      ],
      rows: shown.flatMap(({ variant, data }) =>
        data.dimensions.map(({ kl, variance }, d): Cell[] => [
          { value: variant.name, variant: variant.index },
          d + 1,
          kl,
          variance,
          variance > ACTIVE,
        ]),
      ),
    },
  };
}
