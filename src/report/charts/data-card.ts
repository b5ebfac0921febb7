import { createHash } from "node:crypto";
import { inputOf } from "../../artifact/columns.js";
import { hold } from "../../artifact/reader.js";
import { partsOf, type Tensor } from "../../artifact/tensor.js";
import type { Dataset } from "../../artifact/types.js";
import { canonicalJson } from "../../base/json.js";
import type { Block, Cell } from "../block.js";
import { type ChartSource, defineChart, type Page, type Shown } from "../chart.js";
import { classCount, className, exampleItems, inSplitOrder, labelsOf, rowsOf } from "../draw/items.js";
import { noPicture, type PictureFormat, pictureFormat, sheetOf, shrinkNote } from "../draw/pictures.js";
import { statistics } from "../draw/statistics.js";
import { counted, formatNumber, formatShape, listed } from "../format.js";

type DataCard = {
  readonly name: string;
  readonly sources: readonly { readonly role: string; readonly bytes: number; readonly md5: string }[];
  readonly steps: readonly {
    readonly kind: string;
    readonly shapes: { readonly [split: string]: readonly number[] };
    readonly dtype: string;
    readonly range: readonly number[];
  }[];
  readonly splits: readonly SplitCard[];
  readonly classes: readonly string[];
  /** Pictures of the first split: `samples` of each class in turn, or so many of all. */
  readonly samples: {
    readonly labels: readonly string[];
    readonly each: number;
    readonly picture: PictureFormat;
  } | null;
  /** Why no items are drawn. */
  readonly undrawn?: string;
};

type SplitCard = {
  readonly split: string;
  readonly items: number;
  readonly counts: readonly number[];
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly deviation: number;
  /** Share of values that are the lowest possible: background. */
  readonly background: number;
  /** Items that another of this split equals. */
  readonly repeated: number;
  /** Items of this split that are also in an earlier one. */
  readonly leaked: number;
};

export default defineChart<"data-card", DataCard>({
  kind: "data-card",
  group: "data",
  place: 1,

  async collect({ artifacts }, options) {
    return cardOf(artifacts, options.samples);
  },

  recover({ artifacts }) {
    return cardOf(artifacts, 8);
  },

  draw(shown, _options, page) {
    // Variants usually see the same data: one card then speaks for all.
    const cards = new Map<string, Shown<DataCard>[]>();
    for (const each of shown) {
      const key = canonicalJson(each.data);
      cards.set(key, [...(cards.get(key) ?? []), each]);
    }
    const groups = [...cards.values()];
    const blocks = groups.flatMap((group, i): Block[] => {
      const own = card(group[0] as Shown<DataCard>, i === 0 ? page.id : `${page.id}-${i + 1}`, page);
      if (groups.length === 1) return own;
      const title = listed(group.slice(0, 6).map(({ variant }) => variant.name));
      return i === 0
        ? [{ type: "text", text: `Data of ${title}:` }, ...own]
        : [{ type: "group", layout: "fold", title: `Data of ${title}`, blocks: own }];
    });
    return { id: page.id, title: "Data", blocks };
  },
});

function cardOf({ dataset }: ChartSource["artifacts"], samples: number) {
  if (!dataset) return { absent: "no data was loaded" };
  const names = Object.keys(dataset.splits);
  const classes = names.some((split) => labelsOf(dataset, split)) ? classNames(dataset) : [];
  const picture = pictureFormat(dataset);
  const main = inSplitOrder(names)[0] ?? "";
  const first = inputOf(dataset, main);
  const labels = labelsOf(dataset, main);
  const items =
    first && picture ? exampleItems(labels, first.shape[0] as number, samples * Math.max(1, classes.length)) : [];
  // By class, then in the order of the split.
  const sorted = labels ? [...items].sort((a, b) => (labels[a] as number) - (labels[b] as number) || a - b) : items;
  return {
    data: {
      name: dataset.name,
      sources: dataset.sources.map(({ role, bytes, md5 }) => ({ role, bytes, md5 })),
      steps: dataset.steps.map(({ kind, shapes, dtype, range }) => ({
        kind,
        shapes: { ...shapes },
        dtype,
        range,
      })),
      splits: splitCards(dataset, classes.length),
      classes,
      samples:
        first && picture && items.length > 0
          ? {
              labels: sorted.map((item) => (labels ? className(dataset, labels[item] as number) : "")),
              each: samples,
              picture,
            }
          : null,
      ...(picture === null && { undrawn: noPicture(dataset) }),
    },
    ...(first && picture && items.length > 0 && { images: { samples: samplesPng(first, sorted, picture) } }),
  };
}

function samplesPng(x: Tensor, items: readonly number[], picture: PictureFormat): Uint8Array {
  return sheetOf(rowsOf(x, items), picture, items.length);
}

function classNames(dataset: Dataset): string[] {
  const labels = Object.keys(dataset.splits).map((split) => labelsOf(dataset, split));
  const count = Math.max(...labels.map((each) => classCount(dataset, each)));
  return Array.from({ length: count }, (_, c) => className(dataset, c));
}

function splitCards(dataset: Dataset, classes: number): SplitCard[] {
  const before: BigUint64Array[] = [];
  return inSplitOrder(Object.keys(dataset.splits)).map((split) => {
    const x = inputOf(dataset, split) as Tensor;
    hold(x);
    const labels = labelsOf(dataset, split);
    const counts = new Array<number>(labels ? classes : 0).fill(0);
    for (let i = 0; labels !== null && i < labels.length; i++) counts[labels[i] as number]!++;
    const own = itemDigests(x);
    const leaked = foundIn(own, before);
    before.push(own);
    return {
      split,
      items: x.shape[0] as number,
      counts,
      ...statistics(x),
      repeated: repeatedIn(own),
      leaked,
    };
  });
}

/** Eight bytes of each item's digest: equal for equal items, and for others as good as never. */
function itemDigests(x: Tensor): BigUint64Array {
  const items = x.shape[0] as number;
  const size = x.bytes.length / Math.max(1, items);
  const digests = new BigUint64Array(items);
  let item = 0;
  for (const part of partsOf(x.bytes)) {
    const bytes = part.read();
    for (let at = 0; at < bytes.length; at += size) {
      const digest = createHash("sha1")
        .update(bytes.subarray(at, at + size))
        .digest();
      digests[item++] = digest.readBigUInt64LE();
    }
  }
  return digests.sort();
}

/** How many of sorted numbers equal the one before them. */
function repeatedIn(sorted: BigUint64Array): number {
  let repeated = 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) repeated++;
  return repeated;
}

/** How many of sorted numbers are among any of the others, which are sorted, too. */
function foundIn(sorted: BigUint64Array, others: readonly BigUint64Array[]): number {
  const places = others.map(() => 0);
  let found = 0;
  for (const number of sorted) {
    let known = false;
    for (const [o, other] of others.entries()) {
      let place = places[o] as number;
      while (place < other.length && (other[place] as bigint) < number) place++;
      places[o] = place;
      known ||= other[place] === number;
    }
    if (known) found++;
  }
  return found;
}

function card({ data, images }: Shown<DataCard>, id: string, page: Page): Block[] {
  return [
    ...leaks(data),
    stepsTable(data, id),
    splitsTable(data, id),
    ...(data.classes.length > 0 ? [classesChart(data, id, page)] : []),
    ...samplesTable(data, images.samples, id, page),
    ...(data.samples ? shrinkNote(data.samples.picture) : []),
    ...(data.undrawn ? [{ type: "text", tone: "note", text: `Nothing is drawn: ${data.undrawn}.` } as const] : []),
    {
      type: "table",
      id: `${id}-sources`,
      title: "Sources",
      tools: false,
      table: {
        columns: [{ label: "File" }, { label: "Bytes", format: "integer" }, { label: "MD5" }],
        rows: data.sources.map(({ role, bytes, md5 }) => [role, bytes, md5]),
      },
    },
  ];
}

function leaks({ splits }: DataCard): Block[] {
  const leaking = splits.filter(({ leaked }) => leaked > 0);
  if (leaking.length === 0) return [];
  const text = leaking.map(
    ({ split, leaked, items }) => `${counted(leaked, "item")} of ${split} (${formatNumber(leaked / items, "percent")})`,
  );
  return [
    {
      type: "notice",
      level: "warning",
      title: "The same items are in two splits.",
      text: `${listed(text)} can be found in an earlier split too: what is measured on them is not generalization.`,
    },
  ];
}

function stepsTable({ steps, name }: DataCard, id: string): Block {
  const splits = inSplitOrder([...new Set(steps.flatMap(({ shapes }) => Object.keys(shapes)))]);
  return {
    type: "table",
    id: `${id}-steps`,
    title: `${name}: shapes after each stage`,
    tools: false,
    table: {
      columns: [
        { label: "Stage" },
        ...splits.map((split) => ({ label: split })),
        { label: "Type" },
        { label: "Values" },
      ],
      rows: steps.map(({ kind, shapes, dtype, range }): Cell[] => [
        kind,
        ...splits.map((split) => (shapes[split] ? formatShape(shapes[split]) : "–")),
        dtype,
        `${formatNumber(range[0])} to ${formatNumber(range[1])}`,
      ]),
    },
  };
}

function splitsTable({ splits }: DataCard, id: string): Block {
  return {
    type: "table",
    id: `${id}-splits`,
    title: "Splits",
    note: "Duplicates are items that equal another one byte for byte: within their split, and in an earlier split.",
    table: {
      columns: [
        { label: "Split" },
        { label: "Items", format: "integer" },
        { label: "Mean" },
        { label: "Standard deviation" },
        { label: "Lowest" },
        { label: "Highest" },
        { label: "At the lowest", format: "percent" },
        { label: "Duplicates within", format: "integer" },
        { label: "In an earlier split", format: "integer" },
      ],
      rows: splits.map((each) => [
        each.split,
        each.items,
        each.mean,
        each.deviation,
        each.minimum,
        each.maximum,
        each.background,
        each.repeated,
        each.leaked,
      ]),
    },
  };
}

function classesChart({ splits, classes }: DataCard, id: string, page: Page): Block {
  const name = `${id}-classes`;
  const rows = splits.flatMap(({ split, counts, items }) =>
    counts.map((count, c) => ({
      split,
      class: classes[c] as string,
      items: count,
      share: Number((count / items).toPrecision(4)),
    })),
  );
  page.dataset(name, {
    split: rows.map((row) => row.split),
    class: rows.map((row) => row.class),
    items: rows.map((row) => row.items),
    share: rows.map((row) => row.share),
  });
  const order = splits.map(({ split }) => split);
  return {
    type: "chart",
    id: name,
    title: "Share of each class",
    alt: `Bars of each class's share of its split. ${splits.map(({ split, counts }) => `${split}: ${formatNumber(Math.min(...counts), "integer")} to ${formatNumber(Math.max(...counts), "integer")} items a class`).join("; ")}.`,
    spec: {
      data: { name },
      width: 600,
      height: 160,
      mark: { type: "bar" },
      encoding: {
        x: { field: "class", type: "nominal", title: "Class", sort: [...classes], axis: { labelAngle: 0 } },
        xOffset: { field: "split", type: "nominal", sort: order },
        y: { field: "share", type: "quantitative", title: "Share of items", axis: { format: ".0%" } },
        color: {
          field: "split",
          type: "nominal",
          title: null,
          scale: { domain: order, range: ["#7a8594", "#b9c0ca", "#4d5764"] },
        },
        tooltip: [{ field: "split" }, { field: "class" }, { field: "items", type: "quantitative", format: "," }],
      },
    },
    table: {
      columns: [{ label: "Class" }, ...splits.map(({ split }) => ({ label: split, format: "integer" as const }))],
      rows: classes.map((label, c) => [label, ...splits.map(({ counts }) => counts[c] ?? null)]),
    },
  };
}

function samplesTable({ samples, splits }: DataCard, png: Uint8Array | undefined, id: string, page: Page): Block[] {
  if (!samples || !png) return [];
  const { labels, picture } = samples;
  const sprite = `${id}-samples`;
  page.sprite(sprite, {
    png,
    tileWidth: picture.width,
    tileHeight: picture.height,
    columns: labels.length,
    count: labels.length,
  });
  const rows = [...new Set(labels)].map((label): Cell[] => [
    label || "items",
    {
      value: null,
      text: "",
      tiles: labels.flatMap((each, index) => (each === label ? [{ sprite, index, alt: `sample ${label}` }] : [])),
    },
  ]);
  return [
    {
      type: "table",
      id: `${id}-samples`,
      title: `Samples of ${splits[0]?.split ?? "the data"}`,
      tools: false,
      table: { columns: [{ label: "Class" }, { label: "First items" }], rows },
    },
  ];
}
