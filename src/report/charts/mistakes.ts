import { scoresOf } from "../../base/classify.js";
import type { Block, Cell } from "../block.js";
import { defineChart, isAbsent, type Page, type Shown } from "../chart.js";
import { sameItems } from "../comparable.js";
import { type ClassifiedItems, classifiedItems } from "../draw/classified.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { inputsOf, rowsOf } from "../draw/items.js";
import { noPicture, type PictureFormat, pictureFormat, sheetOf, shrinkNote } from "../draw/pictures.js";
import { counted, formatNumber } from "../format.js";

type Mistakes = { readonly picture: PictureFormat; readonly wrong: number; readonly items: readonly number[] };

const SHOWN = 6;

/** Pictures and answers are read from the artifacts when the report is drawn: disagreements need two variants. */
export default defineChart<"mistakes", Mistakes>({
  kind: "mistakes",
  group: "quality",
  place: 4,
  ofOutput: true,

  async collect({ artifacts }, options) {
    const items = classifiedItems(artifacts);
    if (isAbsent(items)) return items;
    const picture = pictureFormat(artifacts.dataset);
    if (!picture) return { absent: noPicture(artifacts.dataset) };
    const wrong = Array.from(items.labels, (_, i) => i).filter((i) => items.predicted[i] !== items.labels[i]);
    wrong.sort((a, b) => sureness(items, b) - sureness(items, a) || a - b);
    return { data: { picture, wrong: wrong.length, items: wrong.slice(0, options.items) } };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const blocks: Block[] = [
      {
        type: "text",
        text: "The wrong answers that each model was surest of: what it said, how sure it was, and what is true.",
      },
      ...kept.map((each) =>
        gallery(
          each,
          each.data.items,
          `${page.id}-${each.variant.index}`,
          `${each.variant.name}: ${counted(each.data.wrong, "mistake")}, the surest first`,
          page,
          [each],
        ),
      ),
      ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ...(kept[0] ? shrinkNote(kept[0].data.picture) : []),
      ...disagreements(kept, options.items, page),
    ];
    return { id: page.id, title: "Mistakes", blocks };
  },
});

function confidence(items: ClassifiedItems, i: number): number {
  return items.probabilities[i * items.classes + (items.predicted[i] as number)] as number;
}

/** The same to sort by: of probabilities that round to 1, which is the highest. */
function sureness(items: ClassifiedItems, i: number): number {
  return scoresOf(items)[i * items.classes + (items.predicted[i] as number)] as number;
}

function gallery(
  each: Shown<Mistakes>,
  items: readonly number[],
  id: string,
  title: string,
  page: Page,
  speakers: readonly Shown<Mistakes>[],
): Block {
  const { picture } = each.data;
  const own = classifiedItems(each.artifacts) as ClassifiedItems;
  const inputs = inputsOf(each.artifacts.dataset, own.split);
  if (items.length === 0 || !inputs) return { type: "text", text: `${each.variant.name} makes no mistake.` };
  const png = sheetOf(rowsOf(inputs, items), picture, items.length);
  page.sprite(id, {
    png,
    tileWidth: picture.width,
    tileHeight: picture.height,
    columns: items.length,
    count: items.length,
  });
  const truth = items.map((item) => own.names[own.labels[item] as number] as string);
  return {
    type: "table",
    id,
    title,
    tools: false,
    table: {
      columns: [{ label: "True class" }, ...truth.map((label) => ({ label }))],
      rows: [
        [
          "Item",
          ...items.map(
            (item, index): Cell => ({
              value: null,
              text: "",
              tiles: [{ sprite: id, index, alt: `item ${item}, ${truth[index]}` }],
            }),
          ),
        ],
        ...speakers.map((speaker): Cell[] => {
          const said = classifiedItems(speaker.artifacts) as ClassifiedItems;
          return [
            { value: speaker.variant.name, variant: speaker.variant.index },
            ...items.map(
              (item): Cell => ({
                value: said.names[said.predicted[item] as number] as string,
                note: formatNumber(confidence(said, item), "percent"),
                ...(said.predicted[item] === said.labels[item] && { tone: "good" }),
              }),
            ),
          ];
        }),
      ],
    },
  };
}

/** Items that the best two answer differently, the surest disagreement first. */
function disagreements(kept: readonly Shown<Mistakes>[], count: number, page: Page): Block[] {
  const [a, b] = [...kept].sort(
    (x, y) => page.ranking.indexOf(x.variant.index) - page.ranking.indexOf(y.variant.index),
  );
  const [mine, theirs] = [a, b].map((each) => each && classifiedItems(each.artifacts));
  if (!a || !b || !mine || !theirs || isAbsent(mine) || isAbsent(theirs)) return [];
  if (!sameItems(a.artifacts, b.artifacts)) return [];
  const differ = Array.from(mine.labels, (_, i) => i).filter((i) => mine.predicted[i] !== theirs.predicted[i]);
  if (differ.length === 0) return [];
  const sure = (i: number) => Math.min(sureness(mine, i), sureness(theirs, i));
  differ.sort((i, k) => sure(k) - sure(i) || i - k);
  const title = `${a.variant.name} and ${b.variant.name} disagree on ${counted(differ.length, "item")}, the surest first`;
  return [gallery(a, differ.slice(0, count), `${page.id}-disagreements`, title, page, [a, b])];
}
