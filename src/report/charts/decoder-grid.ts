import { quantileNormal } from "vega-statistics";
import { codeShape } from "../../artifact/graph.js";
import { defineChart } from "../chart.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { noPicture, pictureFormat, sheetOf } from "../draw/pictures.js";
import { formatNumber, round } from "../format.js";

type Grid = {
  /** Coordinates along both axes, rising. */
  readonly axis: readonly number[];
  readonly width: number;
  readonly height: number;
};

const SHOWN = 12;

export default defineChart<"decoder-grid", Grid>({
  kind: "decoder-grid",
  group: "images",
  place: 3,

  async collect({ artifacts: { dataset, model }, decode }, options) {
    if (!decode) return { absent: "the model has no decoder" };
    if (codeShape(model)?.join() !== "2") {
      return { absent: "the latent space does not have two dimensions" };
    }
    const format = pictureFormat(dataset);
    if (!format) return { absent: noPicture(dataset) };
    const axis = coordinates(options.size, options.spacing, options.range);
    const z = new Float32Array(2 * options.size ** 2);
    // Pictures are laid out from the top left: the second coordinate falls from row to row.
    for (let row = 0; row < options.size; row++) {
      for (let column = 0; column < options.size; column++) {
        z.set([axis[column] as number, axis[options.size - 1 - row] as number], 2 * (row * options.size + column));
      }
    }
    const png = sheetOf(await decode(z, options.size ** 2), format, options.size);
    return {
      data: { axis: axis.map((value) => round(value)), width: format.width, height: format.height },
      images: { grid: png },
    };
  },

  draw(shown, options, page) {
    const kept = foremost(shown, page, SHOWN);
    const rest = leftOut(shown, kept);
    const axis = kept[0]?.data.axis ?? [];
    const ends = `${formatNumber(axis[0])} to ${formatNumber(axis.at(-1))}`;
    const spacing =
      options.spacing === "quantiles"
        ? `the 5 % to 95 % quantiles of the standard normal prior (${ends})`
        : `equal steps from ${ends}`;
    return {
      id: page.id,
      title: "Decoder grid",
      blocks: [
        {
          type: "text",
          text: `What each decoder draws over the latent plane: ${axis.length} × ${axis.length} points, the same for every variant, at ${spacing} along both axes; the first coordinate runs to the right, the second upwards.`,
        },
        {
          type: "group",
          layout: "grid",
          blocks: kept.map(({ variant, data, images }) => ({
            type: "image",
            id: `${page.id}-${variant.index}`,
            title: variant.name,
            alt: `Grid of ${axis.length} by ${axis.length} pictures drawn by the decoder of ${variant.name} from points of the latent plane, ${ends} along both axes.`,
            png: images.grid as Uint8Array,
            width: data.axis.length * data.width,
            height: data.axis.length * data.height,
          })),
        },
        ...(rest === null ? [] : [{ type: "text", tone: "note", text: rest } as const]),
      ],
    };
  },
});

/** Along one axis: quantiles put as many pictures where the prior has much weight as where it has little. */
function coordinates(size: number, spacing: string, range: readonly number[]): number[] {
  const [low, high] = range as [number, number];
  return Array.from({ length: size }, (_, i) => {
    const unit = i / (size - 1);
    return spacing === "linear" ? low + unit * (high - low) : quantileNormal(0.05 + 0.9 * unit, 0, 1);
  });
}
