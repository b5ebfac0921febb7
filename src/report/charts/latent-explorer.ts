import { defineChart } from "../chart.js";
import { decoderName, packDecoder } from "../draw/decoder.js";
import { evenly, labelsOf, rowsOf } from "../draw/items.js";
import { type PictureFormat, pictureFormat } from "../draw/pictures.js";
import { round } from "../format.js";
import { classColors } from "../looks.js";

type Explorer = {
  readonly picture: PictureFormat;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly c: readonly number[];
  readonly classes: number;
};

const POINTS = 600;
const SHOWN = 4;

export default defineChart<"latent-explorer", Explorer>({
  kind: "latent-explorer",
  group: "latent",
  place: 2,

  async collect({ artifacts }) {
    const { dataset, predictions } = artifacts;
    const format = pictureFormat(dataset);
    if (predictions?.latent?.shape[1] !== 2 || !format) {
      return { absent: "it needs pictures and a latent space of two dimensions" };
    }
    if (packDecoder(artifacts, format) === null) return { absent: "it needs a small decoder of dense layers only" };
    const items = evenly(predictions.items, POINTS);
    const labels = labelsOf(dataset, predictions.split);
    const points = rowsOf(predictions.latent, items);
    const c = items.map((item) => (labels ? (labels[item] as number) : 0));
    return {
      data: {
        picture: format,
        x: items.map((_, i) => round(points[2 * i] as number, 3)),
        y: items.map((_, i) => round(points[2 * i + 1] as number, 3)),
        c,
        classes: Math.max(...c) + 1,
      },
    };
  },

  draw(shown, _options, page) {
    const kept = [...shown]
      .sort((a, b) => page.ranking.indexOf(a.variant.index) - page.ranking.indexOf(b.variant.index))
      .slice(0, SHOWN)
      .sort((a, b) => a.variant.index - b.variant.index);
    for (const { variant, data, artifacts } of kept) {
      page.decoder(decoderName(variant), packDecoder(artifacts, data.picture));
    }
    // Room for most points of every variant: a few outliers would shrink the rest to a spot.
    const sizes = kept.flatMap(({ data }) => [...data.x, ...data.y].map(Math.abs)).sort((a, b) => a - b);
    const reach = Math.max(1.5, Math.ceil((sizes[Math.floor(sizes.length * 0.995)] ?? 3) * 2) / 2);
    return {
      id: page.id,
      title: "Latent explorer",
      blocks: [
        {
          type: "explorer",
          id: `${page.id}-plane`,
          title: "Move over the plane: what each decoder draws there",
          fallback:
            "With scripts switched on, this shows the decoder's picture at any point of the latent plane. The decoder grid shows the same at fixed points.",
          config: {
            range: [-reach, reach],
            colors: classColors(kept[0]?.data.classes ?? 1),
            variants: kept.map(({ variant, data }) => ({
              name: variant.name,
              index: variant.index,
              decoder: decoderName(variant),
              points: { x: data.x, y: data.y, c: data.c },
            })),
          },
        },
      ],
    };
  },
});
