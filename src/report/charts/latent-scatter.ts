import { floatValues } from "../../artifact/tensor.js";
import type { Dataset, Predictions } from "../../artifact/types.js";
import type { Block, ChartBlock } from "../block.js";
import { type ChartSource, defineChart, type Page, type Shown } from "../chart.js";
import { sameItems } from "../comparable.js";
import { decoderName, packDecoder } from "../draw/decoder.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { className, evenly, inputsOf, labelsOf, rowsOf } from "../draw/items.js";
import { drawnSize, type PictureFormat, pictureFormat, sheetOf } from "../draw/pictures.js";
import { counted, listed, round } from "../format.js";
import { readSprite, spriteOf } from "../image.js";
import { classColors } from "../looks.js";
import { classMeans } from "../math/cluster.js";
import { componentRows, principalComponents, project } from "../math/pca.js";

type Scatter = {
  /** Item numbers in the split: the same in every variant of the same data. */
  readonly items: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly classes: readonly number[] | null;
  readonly names: readonly string[];
  readonly loss: readonly number[] | null;
  /** More than two latent dimensions are shown along their principal components. */
  readonly dimensions: number;
  readonly picture: PictureFormat | null;
  /** The decoder is small and the plane is the latent space: the page can draw any reconstruction. */
  readonly decodes: boolean;
};

/** Tiles in a row of the sprite of items. */
const TILES = 50;
const SHOWN = 12;
/** All variants together get about this many points, so that the page stays small. */
const BUDGET = 12_000;

export default defineChart<"latent-scatter", Scatter>({
  kind: "latent-scatter",
  group: "latent",
  place: 1,

  async collect(source, options) {
    const { dataset, predictions } = source.artifacts;
    if (!predictions?.latent) return { absent: "the model has no latent space" };
    const dimensions = predictions.latent.shape[1] as number;
    if (dimensions < 2) return { absent: "the latent space has one dimension only" };
    const items = evenly(predictions.items, Math.min(options.points, withPictures(tileFormat(dataset))));
    const labels = labelsOf(dataset, predictions.split);
    const plane = planeOf(predictions, dimensions);
    const losses = predictions.itemLoss.loss ? floatValues(predictions.itemLoss.loss) : null;
    const classes = labels && items.map((item) => labels[item] as number);
    return {
      data: {
        items,
        x: items.map((item) => round(plane[2 * item] as number, 4)),
        y: items.map((item) => round(plane[2 * item + 1] as number, 4)),
        classes,
        names: [...new Set(classes ?? [])].sort((a, b) => a - b).map((c) => className(dataset, c)),
        loss: losses && items.map((item) => round(losses[item] as number, 5)),
        dimensions,
        ...pictures(source.artifacts, dimensions),
      },
      images: images(dataset, predictions, items),
    };
  },

  draw(shown, _options, page) {
    const kept = foremost(shown, page, SHOWN);
    const first = kept[0] as Shown<Scatter>;
    // Points can be linked, and share their pictures, only where the items are the same.
    const same = kept.filter(
      ({ data, artifacts }) => data.items.join() === first.data.items.join() && sameItems(artifacts, first.artifacts),
    );
    const others = kept.filter((each) => !same.includes(each)).map(({ variant }) => variant.name);
    const chosen = evenly(first.data.items.length, Math.floor(BUDGET / same.length));
    registerRows(same, chosen, page);
    registerPictures(same, chosen, page);
    const rest = leftOut(shown, kept);
    const blocks: Block[] = [
      {
        type: "text",
        text: `Where each model puts the ${splitOf(first)} items: ${codesOf(same)} of the same ${counted(chosen.length, "item")}, coloured by class${componentsOf(same)}. Drag over one plane to light the same items in the others; a click takes the light away.`,
      },
      { type: "group", layout: "grid", blocks: same.map((each) => scatterChart(each, first, page)) },
      ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ...(others.length === 0
        ? []
        : [{ type: "text", tone: "note", text: `Not drawn, having other items: ${listed(others)}.` } as const]),
    ];
    return { id: page.id, title: "Latent space", blocks };
  },
});

function splitOf({ artifacts }: Shown<Scatter>): string {
  return artifacts.predictions?.split ?? "test";
}

/** Only a variational model has a posterior. */
function codesOf(shown: readonly Shown<Scatter>[]): string {
  const means = shown.filter(({ artifacts }) => artifacts.predictions?.latentScale !== undefined).length;
  return means === 0 ? "codes" : means === shown.length ? "posterior means" : "posterior means, or codes,";
}

/** What the axes of those with more than two dimensions are. */
function componentsOf(shown: readonly Shown<Scatter>[]): string {
  const projected = shown.filter(({ data }) => data.dimensions > 2);
  if (projected.length === 0) return "";
  const dimensions = [...new Set(projected.map(({ data }) => data.dimensions))].sort((a, b) => a - b);
  const whose = projected.length === shown.length ? "" : ` for ${listed(projected.map(({ variant }) => variant.name))}`;
  return `, along the two principal components of ${listed(dimensions.map(String))} dimensions${whose}`;
}

function planeOf(predictions: Predictions, dimensions: number): Float32Array | Float64Array {
  const latent = predictions.latent as NonNullable<Predictions["latent"]>;
  const means = floatValues(latent);
  if (dimensions === 2) return means;
  const rows = evenly(predictions.items, componentRows(predictions.items, dimensions));
  return project(principalComponents(rowsOf(latent, rows), dimensions, 2), means);
}

function pictures(artifacts: ChartSource["artifacts"], dimensions: number) {
  const picture = tileFormat(artifacts.dataset);
  return { picture, decodes: picture !== null && dimensions === 2 && packDecoder(artifacts, picture) !== null };
}

function images(dataset: Dataset | undefined, predictions: Predictions, items: readonly number[]) {
  const format = tileFormat(dataset);
  const x = inputsOf(dataset, predictions.split);
  if (!format || !x) return {};
  const sheet = (tensor: typeof x) => sheetOf(rowsOf(tensor, items), format, TILES, 16);
  return {
    items: sheet(x),
    ...(predictions.reconstruction && { reconstructions: sheet(predictions.reconstruction) }),
  };
}

/** One row an item, with the place that it has in every variant: what lets a brush in one plane select in all. */
function registerRows(same: readonly Shown<Scatter>[], chosen: readonly number[], page: Page): void {
  const { data } = same[0] as Shown<Scatter>;
  const columns: Record<string, (number | string | null)[]> = {
    tile: chosen.map((_, tile) => tile),
    item: chosen.map((i) => data.items[i] as number),
    class: chosen.map((i) => (data.classes ? classLabel(data, data.classes[i] as number) : "item")),
  };
  for (const { variant, data: own } of same) {
    if (own.classes && !sameNames(own, data)) {
      columns[`class${variant.index}`] = chosen.map((i) => classLabel(own, (own.classes as number[])[i] as number));
    }
    columns[`x${variant.index}`] = chosen.map((i) => own.x[i] as number);
    columns[`y${variant.index}`] = chosen.map((i) => own.y[i] as number);
    if (own.loss) columns[`loss${variant.index}`] = chosen.map((i) => (own.loss as number[])[i] as number);
  }
  page.dataset(page.id, columns);
}

/** Whether two variants call their classes alike: the items are the same, their names need not be. */
function sameNames(a: Scatter, b: Scatter): boolean {
  return a.names.join("\0") === b.names.join("\0");
}

function classLabel(data: Scatter, c: number): string {
  const present = [...new Set(data.classes)].sort((a, b) => a - b);
  return data.names[present.indexOf(c)] ?? String(c);
}

/** Thousands of pictures are smaller than a few. */
function tileFormat(dataset: Dataset | undefined): PictureFormat | null {
  return pictureFormat(dataset, 32);
}

/** Every point has a picture, and all of them must not outweigh the page: colours compress badly. */
function withPictures(format: PictureFormat | null): number {
  if (format === null) return Number.POSITIVE_INFINITY;
  return Math.floor((format.channels === 3 ? 2.4e6 : 8e6) / drawnSize(format));
}

/** Few variants have room for reconstructions of models whose decoder does not fit into the page. */
const STORED_RECONSTRUCTIONS = 3;

function registerPictures(same: readonly Shown<Scatter>[], chosen: readonly number[], page: Page): void {
  const { data, images: sheets } = same[0] as Shown<Scatter>;
  if (!data.picture || !sheets.items) return;
  const { width, height, channels = 1 } = data.picture;
  const size = drawnSize(data.picture);
  const register = (name: string, png: Uint8Array) => {
    const all = readSprite(png, { width, height, channels, count: data.items.length });
    const pixels = new Uint8Array(chosen.length * size);
    for (const [tile, i] of chosen.entries()) pixels.set(all.pixels.subarray(i * size, (i + 1) * size), tile * size);
    const sheet = spriteOf({ ...all, count: chosen.length, pixels }, TILES);
    page.sprite(name, { png: sheet, tileWidth: width, tileHeight: height, columns: TILES, count: chosen.length });
  };
  register(`${page.id}-items`, sheets.items);
  for (const each of same) {
    if (usesDecoder(each, page)) page.decoder(decoderName(each.variant), packDecoder(each.artifacts, data.picture));
    else if (same.length <= STORED_RECONSTRUCTIONS && each.images.reconstructions) {
      register(`${page.id}-reconstructions-${each.variant.index}`, each.images.reconstructions);
    }
  }
}

/** Some hundred kilobytes each: the best few get one. */
function usesDecoder({ variant, data }: Shown<Scatter>, page: Page): boolean {
  return data.decodes && page.ranking.indexOf(variant.index) < 4;
}

function scatterChart(each: Shown<Scatter>, first: Shown<Scatter>, page: Page): ChartBlock {
  const { variant, data } = each;
  const [xField, yField] = [`x${variant.index}`, `y${variant.index}`];
  const axis = axisOf(data);
  const names = data.classes ? data.names : [];
  const classField = sameNames(data, first.data) ? "class" : `class${variant.index}`;
  const reach = round(1.04 * Math.max(...data.x.map(Math.abs), ...data.y.map(Math.abs)), 3);
  // Both axes alike, around the origin: distances and the prior's circle are not distorted.
  const at = (field: string) => ({
    field,
    type: "quantitative",
    scale: { domain: [-reach, reach], nice: false },
    axis: { grid: false },
  });
  const decoder = usesDecoder(each, page) ? decoderName(variant) : null;
  const stored = `${page.id}-reconstructions-${variant.index}`;
  const hoverImages = [
    { label: "item", sprite: `${page.id}-items` },
    ...(decoder === null && each.images.reconstructions && page.variants.length <= STORED_RECONSTRUCTIONS
      ? [{ label: "reconstruction", sprite: stored }]
      : []),
  ];
  const color =
    names.length > 0
      ? {
          field: classField,
          type: "nominal",
          title: null,
          scale: { domain: names, range: classColors(names.length) },
          legend: { symbolOpacity: 1 },
        }
      : { value: variant.color };
  return {
    type: "chart",
    id: `${page.id}-${variant.index}`,
    title: variant.name,
    alt: `Scatter of the latent plane of ${variant.name}, one point a ${splitOf(each)} item${names.length > 0 ? `, coloured by ${names.length} classes` : ""}.`,
    renderer: "canvas",
    fixed: true,
    link: page.id,
    ...(data.picture && {
      hover: {
        field: "tile",
        images: hoverImages,
        ...(decoder !== null && { decode: { decoder, x: xField, y: yField, label: "reconstruction" } }),
      },
    }),
    spec: {
      data: { name: page.id },
      width: 380,
      height: 380,
      layer: [
        {
          params: [
            {
              name: "brush",
              select: {
                type: "interval",
                encodings: ["x", "y"],
                mark: { stroke: "var(--ink)", fill: "var(--ink)", fillOpacity: 0.06 },
              },
            },
          ],
          mark: { type: "point", shape: "circle", size: 14, filled: true, stroke: null },
          encoding: {
            x: { ...at(xField), title: `${axis}1` },
            y: { ...at(yField), title: `${axis}2` },
            color,
            opacity: { condition: { param: "brush", value: 0.75 }, value: 0.06 },
            tooltip: [
              { field: "item", type: "quantitative" },
              ...(names.length > 0 ? [{ field: classField, type: "nominal", title: "class" }] : []),
              ...(data.loss
                ? [{ field: `loss${variant.index}`, type: "quantitative", title: "loss", format: ",.2f" }]
                : []),
            ],
          },
        },
        ...classLabels(data, at),
      ],
    },
    table: data.classes ? centreTable(data) : null,
  };
}

function axisOf({ dimensions }: Scatter): string {
  return dimensions === 2 ? "z" : "component ";
}

/** The name of each class at its centre, so that no colour has to be looked up; few enough to be readable. */
function classLabels(data: Scatter, at: (field: string) => Record<string, unknown>): Record<string, unknown>[] {
  if (!data.classes || data.names.length > 20) return [];
  const values = centres(data).map(({ label, x, y }) => ({ label, x, y }));
  const text = (mark: Record<string, unknown>) => ({
    data: { values },
    mark: { type: "text", fontSize: 14, fontWeight: 700, ...mark },
    encoding: { x: at("x"), y: at("y"), text: { field: "label", type: "nominal" } },
  });
  return [text({ stroke: "var(--paper)", strokeWidth: 4, opacity: 0.85 }), text({})];
}

interface Centre {
  readonly label: string;
  readonly items: number;
  readonly x: number;
  readonly y: number;
}

function centres(data: Scatter): Centre[] {
  const labels = data.classes as readonly number[];
  const points = data.x.flatMap((x, i) => [x, data.y[i] as number]);
  const { means, sizes } = classMeans({ points, dimensions: 2, labels });
  return [...new Set(labels)]
    .sort((a, b) => a - b)
    .map((c) => ({
      label: classLabel(data, c),
      items: sizes[c] as number,
      x: round(means[2 * c] as number, 4),
      y: round(means[2 * c + 1] as number, 4),
    }));
}

/** Thousands of points are no table to read: the centre of each class is. All points are in the CSV. */
function centreTable(data: Scatter): ChartBlock["table"] {
  return {
    columns: [
      { label: "Class" },
      { label: "Items", format: "integer" },
      { label: `Mean of ${axisOf(data)}1` },
      { label: `Mean of ${axisOf(data)}2` },
    ],
    rows: centres(data).map(({ label, items, x, y }) => [label, items, x, y]),
  };
}
