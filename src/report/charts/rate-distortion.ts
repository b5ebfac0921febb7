import type { Block } from "../block.js";
import { defineChart, type Shown } from "../chart.js";
import { divergenceNotes, divergenceOf, lossKey } from "../comparable.js";
import { foremost, leftOut } from "../draw/foremost.js";
import { unitOf, withUnit } from "../draw/measured.js";
import { formatNumber, listed, round } from "../format.js";
import { colorScale, shapeScale } from "../looks.js";

type Path = {
  readonly split: string;
  readonly kl: readonly (number | null)[];
  readonly reconstruction: readonly (number | null)[];
};

const COLORED = 12;

export default defineChart<"rate-distortion", Path>({
  kind: "rate-distortion",
  group: "training",
  place: 2,

  async collect({ artifacts: { history } }) {
    const split = history?.splits.test ? "test" : "train";
    const { kl, reconstruction } = history?.splits[split] ?? {};
    if (!kl || !reconstruction) return { absent: "the loss has no KL and reconstruction parts" };
    return { data: { split, kl, reconstruction } };
  },

  draw(shown, _options, page) {
    const { alike, others } = sameRate(shown);
    const kept = foremost(alike, page, COLORED);
    const rest = leftOut(alike, kept);
    const notes = [
      ...divergenceNotes(kept.map(({ variant, artifacts }) => ({ name: variant.name, artifacts }))),
      ...(others.length > 0
        ? [`Not drawn, with another form of the KL divergence or measured otherwise: ${listed(others)}.`]
        : []),
      ...(rest === null ? [] : [rest]),
    ];
    const looks = kept.map(({ variant }) => variant);
    const points = kept.flatMap(({ variant, data }) =>
      data.kl.flatMap((kl, i) => {
        const reconstruction = data.reconstruction[i] ?? null;
        return kl === null || reconstruction === null
          ? []
          : [
              {
                variant: variant.name,
                epoch: i + 1,
                last: i === data.kl.length - 1,
                kl: round(kl),
                reconstruction: round(reconstruction),
              },
            ];
      }),
    );
    page.dataset(page.id, {
      variant: points.map((point) => point.variant),
      epoch: points.map((point) => point.epoch),
      last: points.map((point) => point.last),
      kl: points.map((point) => point.kl),
      reconstruction: points.map((point) => point.reconstruction),
    });
    const split = kept[0]?.data.split ?? "test";
    const x = {
      field: "kl",
      type: "quantitative",
      title: "Rate: KL divergence (nats/example)",
      scale: { zero: false },
      axis: { tickCount: 8 },
    };
    const y = {
      field: "reconstruction",
      type: "quantitative",
      title: withUnit("Distortion: reconstruction", kept, "reconstruction"),
      scale: { zero: false },
    };
    const color = { field: "variant", type: "nominal", title: null, scale: colorScale(looks) };
    const tooltip = [
      { field: "variant" },
      { field: "epoch", type: "quantitative" },
      { field: "kl", type: "quantitative", format: ",.3f" },
      { field: "reconstruction", type: "quantitative", format: ",.3f" },
    ];
    const ends = kept.map(
      ({ variant, data }) =>
        `${variant.name} ends at ${formatNumber(data.kl.at(-1) ?? null)} and ${formatNumber(data.reconstruction.at(-1) ?? null)}`,
    );
    return {
      id: page.id,
      title: "Rate and distortion",
      blocks: [
        {
          type: "text",
          text: "What each model spends on its code (KL divergence) and what it gets for it (reconstruction error), epoch by epoch; the mark is the last epoch. Down and left is better.",
        },
        {
          type: "chart",
          id: `${page.id}-plane`,
          title: `Rate against distortion on ${split} data`,
          alt: `Paths of KL divergence against reconstruction error over the epochs. ${ends.join("; ")}.`,
          spec: {
            data: { name: page.id },
            height: 300,
            layer: [
              {
                mark: { type: "line", strokeWidth: 1.5, opacity: 0.7 },
                encoding: { x, y, color, order: { field: "epoch", type: "quantitative" } },
              },
              {
                mark: { type: "point", size: 22, opacity: 0.8 },
                encoding: { x, y, color, tooltip },
              },
              {
                transform: [{ filter: "datum.last" }],
                mark: { type: "point", size: 130, opacity: 1, stroke: "var(--paper)", strokeWidth: 1 },
                encoding: {
                  x,
                  y,
                  color,
                  shape: { field: "variant", type: "nominal", title: null, scale: shapeScale(looks) },
                  tooltip,
                },
              },
            ],
          },
          table: {
            columns: [
              { label: "Variant" },
              { label: "KL divergence", unit: "nats/example" },
              { label: "Reconstruction", unit: unitOf(kept, "reconstruction"), better: "lower" },
            ],
            rows: kept.map(({ variant, data }) => [
              { value: variant.name, variant: variant.index },
              data.kl.at(-1) ?? null,
              data.reconstruction.at(-1) ?? null,
            ]),
          },
        },
        ...notes.map((text): Block => ({ type: "text", tone: "note", text })),
      ],
    };
  },
});

/** Those whose rate and distortion are the same quantities as the baseline's, or the first's. */
function sameRate(shown: readonly Shown<Path>[]): { alike: readonly Shown<Path>[]; others: readonly string[] } {
  const reference = shown.find(({ variant }) => variant.baseline) ?? shown[0];
  const key = (each: Shown<Path> | undefined) =>
    each &&
    [
      divergenceOf(each.artifacts)?.form,
      each.data.split,
      lossKey(each.artifacts, each.data.split, "reconstruction"),
    ].join();
  const alike = shown.filter((each) => key(each) === key(reference));
  return { alike, others: shown.filter((each) => !alike.includes(each)).map(({ variant }) => variant.name) };
}
