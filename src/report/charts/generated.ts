import { codeShape } from "../../artifact/graph.js";
import type { Block, Cell } from "../block.js";
import { defineChart, type Page, type Shown } from "../chart.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { noPicture, pictureFormat, sheetOf } from "../draw/pictures.js";
import { formatNumber } from "../format.js";

type Generated = { readonly points: readonly (readonly number[])[]; readonly width: number; readonly height: number };

const SHOWN = 20;

export default defineChart<"generated", Generated>({
  kind: "generated",
  group: "images",
  place: 2,

  async collect({ artifacts: { dataset, model }, decode }, options) {
    const dimensions = codeShape(model);
    if (!decode || dimensions?.length !== 1) return { absent: "the model has no decoder of latent points" };
    const format = pictureFormat(dataset);
    if (!format) return { absent: noPicture(dataset) };
    const points = options.points ?? chosenPoints(dimensions[0] as number);
    const wrong = points.find((point) => point.length !== dimensions[0]);
    if (wrong) return { absent: `the point [${wrong.join(", ")}] does not have ${dimensions[0]} coordinates` };
    const z = Float32Array.from(points.flat());
    const png = sheetOf(await decode(z, points.length), format, points.length);
    return { data: { points, width: format.width, height: format.height }, images: { generated: png } };
  },

  draw(shown, _options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const groups = new Map<string, Shown<Generated>[]>();
    for (const each of kept) {
      const key = JSON.stringify(each.data.points);
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    return {
      id: page.id,
      title: "New images",
      blocks: [
        {
          type: "text",
          text: `Pictures that no item of the data is behind: decoded from chosen latent points, the same for every variant${groups.size > 1 ? " of one latent space" : ""}.`,
        },
        ...[...groups.values()].map((group, i) => pointTable(group, i === 0 ? "table" : `table-${i + 1}`, page)),
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ],
    };
  },
});

/** Variants with the same points below each other; a latent space of other dimensions has points of its own. */
function pointTable(group: readonly Shown<Generated>[], name: string, page: Page): Block {
  const points = group[0]?.data.points ?? [];
  const labels = points.map((point) => point.map((value) => formatNumber(value)).join(", "));
  return {
    type: "table",
    id: `${page.id}-${name}`,
    title: "Decoded from the latent point in the heading",
    tools: false,
    table: {
      columns: [{ label: "Variant" }, ...labels.map((label) => ({ label: `(${label})` }))],
      rows: group.map(({ variant, data, images }): Cell[] => {
        const sprite = `${page.id}-${variant.index}`;
        page.sprite(sprite, {
          png: images.generated as Uint8Array,
          tileWidth: data.width,
          tileHeight: data.height,
          columns: data.points.length,
          count: data.points.length,
        });
        return [
          { value: variant.name, variant: variant.index },
          ...data.points.map(
            (_, index): Cell => ({
              value: null,
              text: "",
              tiles: [{ sprite, index, alt: `${variant.name} at (${labels[index]})` }],
            }),
          ),
        ];
      }),
    },
  };
}

/** The origin, and one and two standard deviations of the prior along each of the first dimensions. */
function chosenPoints(dimensions: number): number[][] {
  const along = (d: number, value: number) => Array.from({ length: dimensions }, (_, k) => (k === d ? value : 0));
  const axes = Array.from({ length: Math.min(2, dimensions) }, (_, d) =>
    [-2, -1, 1, 2].map((value) => along(d, value)),
  );
  return [along(0, 0), ...axes.flat()];
}
