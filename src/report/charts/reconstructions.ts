import { floatValues } from "../../artifact/tensor.js";
import type { Block, Cell, Column } from "../block.js";
import { defineChart, type Page, type Shown } from "../chart.js";
import { sameItems, sameMeasure } from "../comparable.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { className, exampleItems, inputsOf, labelsOf, rowsOf } from "../draw/items.js";
import { splitName, withUnit } from "../draw/measured.js";
import { errorSheet, noPicture, type PictureFormat, pictureFormat, sheetOf, shrinkNote } from "../draw/pictures.js";
import { formatNumber, listed } from "../format.js";

type Reconstructions = {
  /** Item numbers, in rows of pictures. */
  readonly fixed: readonly number[];
  readonly best: readonly number[];
  readonly median: readonly number[];
  readonly worst: readonly number[];
  /** What each of them is, in the same order: class and loss. */
  readonly labels: { readonly [item: string]: { readonly label: string | null; readonly loss: number | null } };
  readonly picture: PictureFormat;
};

const SHOWN = 8;

/** Pictures are read from the artifacts when the report is drawn: which items matter may depend on all variants. */
export default defineChart<"reconstructions", Reconstructions>({
  kind: "reconstructions",
  group: "images",
  place: 1,
  ofOutput: true,

  async collect({ artifacts: { dataset, predictions } }, options) {
    if (!predictions?.reconstruction) return { absent: "the model does not reconstruct" };
    const picture = pictureFormat(dataset);
    if (!dataset || !picture) return { absent: noPicture(dataset) };
    const labels = labelsOf(dataset, predictions.split);
    const fixed = exampleItems(labels, predictions.items, options.items);
    const losses = predictions.itemLoss.reconstruction ?? predictions.itemLoss.loss;
    const values = losses ? floatValues(losses) : null;
    const ranks = values ? ranked(values, options.items) : { best: [], median: [], worst: [] };
    const all = new Set([...fixed, ...ranks.best, ...ranks.median, ...ranks.worst]);
    const about = [...all].map((item) => [
      String(item),
      {
        label: labels ? className(dataset, labels[item] as number) : null,
        loss: values ? (values[item] as number) : null,
      },
    ]);
    return { data: { fixed, ...ranks, labels: Object.fromEntries(about), picture } };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const blocks: Block[] = [
      {
        type: "text",
        text: `The same ${splitName(kept)} items in every variant: the input, what the model makes of it, and the absolute error, black for none, on one scale for all.`,
      },
      ...fixedTables(kept, page),
      ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ...(kept[0] ? shrinkNote(kept[0].data.picture) : []),
      ...mostDifferent(kept, options.items, page),
      ...extremes(kept, page),
    ];
    return { id: page.id, title: "Reconstructions", blocks };
  },
});

function ranked(values: Float32Array, count: number) {
  const order = Array.from(values, (_, i) => i).filter((i) => Number.isFinite(values[i]));
  order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const middle = Math.max(0, Math.floor((order.length - count) / 2));
  return {
    best: order.slice(0, count),
    median: order.slice(middle, middle + count),
    worst: order.slice(-count).reverse(),
  };
}

/** One table; variants of other data have other items, and a table of their own. */
function fixedTables(kept: readonly Shown<Reconstructions>[], page: Page): Block[] {
  const groups: Shown<Reconstructions>[][] = [];
  for (const each of kept) {
    const group = groups.find(
      ([first]) => first?.data.fixed.join() === each.data.fixed.join() && sameItems(first.artifacts, each.artifacts),
    );
    if (group) group.push(each);
    else groups.push([each]);
  }
  return groups.map((group, i) =>
    pictureTable({
      id: i === 0 ? `${page.id}-fixed` : `${page.id}-fixed-${i + 1}`,
      title:
        groups.length === 1
          ? "The same items in every variant"
          : `Items of ${listed(group.map(({ variant }) => variant.name))}`,
      kept: group,
      items: group[0]?.data.fixed ?? [],
      page,
    }),
  );
}

interface PictureTable {
  readonly id: string;
  readonly title: string;
  readonly kept: readonly Shown<Reconstructions>[];
  readonly items: readonly number[];
  readonly page: Page;
  readonly note?: string;
}

/** Rows: the inputs, then for each variant its pictures with the loss of each below, and the errors. */
function pictureTable({ id, title, kept, items, page, note }: PictureTable): Block {
  const [first] = kept as [Shown<Reconstructions>];
  const { picture } = first.data;
  const columns: Column[] = [{ label: "" }, ...items.map((item) => ({ label: itemLabel(kept, item) }))];
  const split = first.artifacts.predictions?.split ?? "test";
  const inputs = inputsOf(first.artifacts.dataset, split);
  const rows: Cell[][] = [];
  const sheet = (name: string, png: Uint8Array) => {
    page.sprite(name, {
      png,
      tileWidth: picture.width,
      tileHeight: picture.height,
      columns: items.length,
      count: items.length,
    });
  };
  const pixels = inputs ? rowsOf(inputs, items) : null;
  if (pixels) {
    sheet(`${id}-input`, sheetOf(pixels, picture, items.length));
    rows.push(["Input", ...tileCells(`${id}-input`, items, (item) => `input ${itemLabel(kept, item)}`)]);
  }
  for (const each of kept) {
    const { reconstruction, itemLoss } = each.artifacts.predictions ?? {};
    if (!reconstruction) continue;
    const name = each.variant.name;
    const losses = itemLoss?.reconstruction ?? itemLoss?.loss;
    const values = losses ? rowsOf(losses, items) : null;
    const answers = rowsOf(reconstruction, items);
    sheet(`${id}-${each.variant.index}`, sheetOf(answers, picture, items.length));
    rows.push([
      { value: name, variant: each.variant.index },
      ...tileCells(`${id}-${each.variant.index}`, items, (item) => `${name}, ${itemLabel(kept, item)}`, values),
    ]);
    if (!pixels) continue;
    sheet(`${id}-${each.variant.index}-error`, errorSheet(pixels, answers, picture, items.length));
    rows.push([
      { value: "", text: "error" },
      ...tileCells(
        `${id}-${each.variant.index}-error`,
        items,
        (item) => `absolute error of ${name}, ${itemLabel(kept, item)}`,
      ),
    ]);
  }
  return { type: "table", id, title, tools: false, table: { columns, rows }, ...(note !== undefined && { note }) };
}

function tileCells(
  sprite: string,
  items: readonly number[],
  alt: (item: number) => string,
  values: Float32Array | null = null,
): Cell[] {
  return items.map((item, index) => ({
    value: values ? (values[index] as number) : null,
    text: "",
    ...(values && { note: formatNumber(values[index]) }),
    tiles: [{ sprite, index, alt: alt(item) }],
  }));
}

function itemLabel(kept: readonly Shown<Reconstructions>[], item: number): string {
  for (const { data } of kept) {
    const label = data.labels[String(item)]?.label;
    if (label) return label;
  }
  return `no. ${item}`;
}

/** The items whose reconstruction two variants disagree on most: the best two, or those that there are. */
function mostDifferent(kept: readonly Shown<Reconstructions>[], count: number, page: Page): Block[] {
  const pair = [...kept]
    .sort((a, b) => page.ranking.indexOf(a.variant.index) - page.ranking.indexOf(b.variant.index))
    .slice(0, 2)
    .sort((a, b) => a.variant.index - b.variant.index);
  const [a, b] = pair;
  const [mine, theirs] = pair.map(
    ({ artifacts: { predictions } }) => predictions?.itemLoss.reconstruction ?? predictions?.itemLoss.loss,
  );
  if (!a || !b || !mine || !theirs || !sameMeasure(a.artifacts, b.artifacts, "reconstruction")) return [];
  const [left, right] = [floatValues(mine), floatValues(theirs)];
  const gaps = left.map((value, i) => Math.abs(value - (right[i] as number)));
  if (gaps.every((gap) => gap === 0)) return [];
  const items = ranked(gaps, count).worst;
  const labels = labelsOf(a.artifacts.dataset, a.artifacts.predictions?.split ?? "test");
  const labelled = pair.map((each) => ({
    ...each,
    data: {
      ...each.data,
      labels: Object.fromEntries(
        items.map((item) => [
          String(item),
          { label: labels ? className(a.artifacts.dataset, labels[item] as number) : null, loss: null },
        ]),
      ),
    },
  }));
  const table = pictureTable({
    id: `${page.id}-different`,
    title: `Where ${a.variant.name} and ${b.variant.name} differ most`,
    kept: labelled,
    items,
    page,
    note: `Below each picture: its ${withUnit("reconstruction error", [a, b], "reconstruction")}.`,
  });
  return [
    {
      type: "group",
      layout: "fold",
      title: `Where ${listed(pair.map(({ variant }) => variant.name))} differ most`,
      blocks: [table],
    },
  ];
}

function extremes(kept: readonly Shown<Reconstructions>[], page: Page): Block[] {
  const withRanks = kept.filter(({ data }) => data.best.length > 0).slice(0, 4);
  if (withRanks.length === 0) return [];
  const blocks = withRanks.flatMap((each) =>
    (["best", "median", "worst"] as const).map((which) =>
      pictureTable({
        id: `${page.id}-${which}-${each.variant.index}`,
        title: `${each.variant.name}: ${which}`,
        kept: [each],
        items: each.data[which],
        page,
      }),
    ),
  );
  return [{ type: "group", layout: "fold", title: "Best, median and worst of each variant", blocks }];
}
