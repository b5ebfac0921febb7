import type { VariantLook } from "./chart.js";

/**
 * Okabe and Ito's palette without black and yellow, which vanish on dark or light paper; distinguishable for people with any
 * of the common kinds of colour blindness.
 */
const VARIANT_COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];
const DASHES = [[], [7, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4], [1, 3]];
const SHAPES = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
  "triangle-left",
];

/** Petroff, "Accessible color sequences for data visualization" (2021), ten colours. */
const CLASS_COLORS = [
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#832db6",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
];

/**
 * The look of every variant of a report. Colour, dash and shape repeat with different periods, so pairs stay unique. Where
 * colours do not suffice for all, the first in `ranking` get them first: they are what charts have room for.
 */
export function looksOf(
  names: readonly string[],
  baseline: string,
  ranking: readonly number[] = [],
): readonly VariantLook[] {
  const base = names.indexOf(baseline);
  const first = [...ranking].sort((a, b) => Number(b === base) - Number(a === base));
  return names.map((name, index) => {
    const place = names.length > VARIANT_COLORS.length && first.includes(index) ? first.indexOf(index) : index;
    return {
      index,
      name,
      color: VARIANT_COLORS[place % VARIANT_COLORS.length] as string,
      dash: DASHES[(place + Math.floor(place / DASHES.length)) % DASHES.length] as number[],
      shape: SHAPES[place % SHAPES.length] as string,
      baseline: name === baseline,
    };
  });
}

/** A colour for every class; beyond ten they repeat, and labels beside the colours distinguish them. */
export function classColors(classes: number): readonly string[] {
  return Array.from({ length: classes }, (_, c) => CLASS_COLORS[c % CLASS_COLORS.length] as string);
}

/** The Vega-Lite scale that gives every variant its colour, in every chart. */
export function colorScale(looks: readonly VariantLook[]): { domain: string[]; range: string[] } {
  return { domain: looks.map((look) => look.name), range: looks.map((look) => look.color) };
}

export function shapeScale(looks: readonly VariantLook[]): { domain: string[]; range: string[] } {
  return { domain: looks.map((look) => look.name), range: looks.map((look) => look.shape) };
}

export function dashScale(looks: readonly VariantLook[]): { domain: string[]; range: number[][] } {
  return {
    domain: looks.map((look) => look.name),
    // Vega reads an empty list as "not set".
    range: looks.map((look) => (look.dash.length === 0 ? [1, 0] : [...look.dash])),
  };
}

/**
 * 256 colours from black through violet and orange to pale yellow, evenly rising in lightness: for absolute errors, where
 * black means none. Linear between seven anchors.
 */
export const errorPalette: Uint8Array = interpolated([
  [0, 0, 4],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [252, 255, 164],
]);

function interpolated(anchors: readonly (readonly number[])[]): Uint8Array {
  const out = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (anchors.length - 1);
    const below = Math.min(anchors.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const [low, high] = [anchors[below]?.[c] as number, anchors[below + 1]?.[c] as number];
      out[i * 3 + c] = Math.round(low + (high - low) * (place - below));
    }
  }
  return out;
}
