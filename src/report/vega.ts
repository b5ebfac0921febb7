import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { VegaLiteSpec } from "./block.js";
import type { Columns } from "./chart.js";
import { escapeHtml, withoutControls } from "./html/html.js";
import { VEIL, veiledColumns, veiledSpec } from "./vega-names.js";

export type VegaSpec = vega.Spec;

const COLUMN_PADDING = 16;

/**
 * One look for all charts. Colours that depend on light or dark are CSS variables: the static SVG follows the page by
 * itself, and the page's script replaces them by their values before it draws on a canvas.
 */
const theme = {
  background: null,
  aria: false,
  font: "system-ui, sans-serif",
  padding: 4,
  view: { stroke: null, continuousHeight: 260 },
  axis: {
    labelColor: "var(--muted)",
    titleColor: "var(--ink)",
    titleFontWeight: "normal",
    titleFontSize: 12,
    labelFontSize: 11,
    titlePadding: 8,
    gridColor: "var(--grid)",
    domainColor: "var(--line)",
    tickColor: "var(--line)",
    tickSize: 4,
    labelOverlap: true,
    labelSeparation: 6,
  },
  legend: {
    labelColor: "var(--ink)",
    titleColor: "var(--muted)",
    titleFontWeight: "normal",
    titleFontSize: 11,
    labelFontSize: 12,
    labelLimit: 260,
    symbolSize: 90,
    orient: "top",
    columnPadding: COLUMN_PADDING,
    // Side by side they would be wider than the plot.
    layout: { top: { anchor: "start", direction: "vertical", margin: 4 } },
  },
  header: { labelColor: "var(--ink)", titleColor: "var(--muted)", labelFontSize: 12, titleFontSize: 12 },
  title: { color: "var(--ink)", fontSize: 13, fontWeight: 600, anchor: "start" },
  text: { color: "var(--ink)", fontSize: 11 },
  rule: { color: "var(--muted)" },
  line: { strokeWidth: 2 },
  point: { filled: true },
  bar: { discreteBandSize: { band: 0.8 } },
} as const;

export interface CompiledChart {
  readonly vega: VegaSpec;
  /** What Vega-Lite had to say against the specification. */
  readonly warnings: readonly string[];
}

/**
 * Vega-Lite → Vega. Done when the report is rendered, so that the page does without Vega-Lite.
 * @param width of the plot in CSS pixels where the specification does not say; a page with scripts fits it to its column.
 */
export function compileChart(spec: VegaLiteSpec, width = 600): CompiledChart {
  const warnings: string[] = [];
  const note = (...args: readonly unknown[]) => {
    warnings.push(args.join(" "));
    return logger;
  };
  const logger = { level: () => logger, warn: note, error: note, info: () => logger, debug: () => logger };
  const config = { ...theme, view: { ...theme.view, continuousWidth: width } };
  const compiled = compile(veiledSpec(spec) as unknown as TopLevelSpec, {
    config: config as never,
    logger: logger as never,
  });
  const made = compiled.spec as VegaSpec;
  wrapLegends(made, made.scales ?? []);
  return { vega: made, warnings };
}

/** Letters of a name in a legend; of a longer one the middle goes, since names that begin alike often end otherwise. */
const NAME = 26;
/** Of a letter and of a symbol with its gap, in CSS pixels: rather too much than too little. */
const LETTER = 7;
const SYMBOL = 22;

/** A legend gets as many columns as the plot has room for, at every width that the page gives it. */
function wrapLegends(group: { legends?: vega.Legend[]; marks?: vega.Mark[] }, scales: readonly vega.Scale[]): void {
  for (const legend of group.legends ?? []) {
    if (legend.type === "gradient" || legend.columns !== undefined) continue;
    const used = [legend.stroke, legend.fill, legend.shape, legend.strokeDash, legend.size, legend.opacity];
    const scale = scales.find(({ name }) => used.includes(name)) as { domain?: unknown } | undefined;
    const names = Array.isArray(scale?.domain) ? scale.domain.map((name) => letters(name)) : [10];
    const column = SYMBOL + LETTER * Math.min(NAME, Math.max(...names)) + COLUMN_PADDING;
    legend.columns = { signal: `max(1, floor((width + ${COLUMN_PADDING}) / ${column}))` };
    const text = { signal: shortened("datum.label") };
    const { labels } = legend.encode ?? {};
    if (names.some((length) => length > NAME)) {
      legend.encode = {
        ...legend.encode,
        labels: { ...labels, update: { ...labels?.update, text } },
      } as vega.LegendEncode;
    }
  }
  for (const mark of group.marks ?? []) {
    if (mark.type === "group") wrapLegends(mark, [...(mark.scales ?? []), ...scales]);
  }
}

/** That can be seen. */
function letters(text: unknown): number {
  return String(text).replaceAll(VEIL, "").length;
}

/** An expression of Vega: the text of another without its middle. */
function shortened(text: string): string {
  const half = NAME / 2;
  return `length(${text}) > ${NAME} ? slice(${text}, 0, ${half - 1}) + '…' + slice(${text}, -${half}) : ${text}`;
}

/**
 * Node has no fonts to measure letters with, and Vega's own guess is so wide that pictures get room which browsers then take
 * away. Fonts of screens have letters of about six tenths of their height.
 */
function letterWidths(): void {
  const { textMetrics } = vega as unknown as {
    textMetrics: { width: (item: { fontSize?: number; limit?: number }, text: unknown) => number };
  };
  textMetrics.width = ({ fontSize = 11, limit = 0 }, text) => {
    const width = 0.62 * fontSize * letters(text ?? "");
    return limit > 0 ? Math.min(limit, width) : width;
  };
}
letterWidths();

/** A picture of the chart without any script: an `<svg>` element whose ids start with `prefix`. */
export async function staticSvg(
  spec: VegaSpec,
  datasets: Readonly<Record<string, Columns>>,
  prefix: string,
  label: string,
): Promise<string> {
  // Vega only logs what went wrong in its data flow, and then stumbles over the picture that is not there.
  let cause: unknown;
  const view = new vega.View(vega.parse(withData(spec, datasets)), {
    renderer: "none",
    logger: listener((error) => {
      cause ??= error;
    }),
    loader: nothingLoads,
  });
  try {
    return tidied(await view.toSVG(), prefix, label);
  } catch (error) {
    throw cause ?? error;
  } finally {
    view.finalize();
  }
}

/** A logger that prints nothing. */
function listener(onError: (error: unknown) => void): vega.LoggerInterface {
  const quiet = (): vega.LoggerInterface => logger;
  const error = (...args: readonly unknown[]) => {
    onError(args[0]);
    return logger;
  };
  const logger = { level: quiet, warn: quiet, info: quiet, debug: quiet, error } as unknown as vega.LoggerInterface;
  return logger;
}

/** A chart may come from an untrusted author: it reads no files and asks no servers, neither here nor in the page. */
const nothingLoads = {
  options: {},
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
} as unknown as vega.Loader;

function refuse(uri: string): Promise<never> {
  return Promise.reject(new Error(`a chart of a report loads nothing: ${uri}`));
}

/** The specification with the rows of the datasets that it names. */
function withData(spec: VegaSpec, datasets: Readonly<Record<string, Columns>>): VegaSpec {
  const data = (spec.data ?? []).map((source) => {
    const columns = datasets[source.name];
    return columns === undefined || "source" in source || "values" in source
      ? source
      : { ...source, values: rowsOf(veiledColumns(columns)) };
  });
  return { ...spec, data } as VegaSpec;
}

/** New objects at every call: Vega writes into the rows that it is given. */
function rowsOf(columns: Columns): Record<string, unknown>[] {
  const names = Object.keys(columns);
  const length = columns[names[0] as string]?.length ?? 0;
  return Array.from({ length }, (_, i) => Object.fromEntries(names.map((name) => [name, columns[name]?.[i]])));
}

/** Half of Vega's SVG is frames that cannot be seen; and ids must be unique in the page. */
function tidied(svg: string, prefix: string, label: string): string {
  // Vega counts ids up over all charts of the process; here they start anew in each.
  const ids: string[] = [];
  const renamed = (id: string) => {
    if (!ids.includes(id)) ids.push(id);
    return `${prefix}-${ids.indexOf(id)}`;
  };
  const small = withoutControls(svg)
    .replaceAll(VEIL, "")
    .replace(/<path class="(background|foreground)"[^>]*d="(M0,0h0v0h0Z)?"[^>]*\/>/g, "")
    .replace(/<path class="(background|foreground)"(?![^>]*(fill|stroke)=)[^>]*\/>/g, "")
    .replace(/<(path|line|text)[^>]* opacity="0"[^>]*\/>/g, "")
    .replace(/ (pointer-events="none"|opacity="1"|aria-hidden="true"|aria-roledescription="[^"]*"|role="[^"]*")/g, "")
    .replace(/ class="mark-[^"]*"/g, "")
    .replace(/ xmlns="[^"]*"/, "")
    .replace(/ xmlns:xlink="[^"]*" version="1.1" class="marks"/, "")
    .replace(
      /(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)/g,
      (_, before: string, id: string) => before + renamed(id),
    );
  return compactPoints(small).replace("<svg ", `<svg role="img" aria-label="${escapeHtml(label)}" `);
}

/**
 * Thousands of equal circles, one element each, would outweigh the rest of the page. Neighbours of one look become one
 * path of zero-length strokes with round ends: ten bytes a point, and the same picture.
 */
function compactPoints(svg: string): string {
  const runs = /(?:<path transform="translate\([^"]*\)" d="M[\d.]+,0A[^"]*" fill="[^"]*"[^>]*\/>){8,}/g;
  const circle =
    /^<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0" fill="([^"]+)"(?: stroke-width="[^"]+")?( (?:fill-)?opacity="[^"]+")?\/>$/;
  return svg.replace(runs, (run) => {
    const paths = new Map<string, string>();
    for (const element of run.match(/<path[^>]*>/g) ?? []) {
      const match = circle.exec(element);
      if (match === null) return run;
      const [, x, y, radius, fill, opacity = ""] = match;
      const width = Number((2 * Number(radius)).toFixed(2));
      const look = `stroke="${fill}" stroke-width="${width}" stroke-linecap="round"${opacity.replace("fill-", "stroke-")}`;
      const place = `M${Number(Number(x).toFixed(1))},${Number(Number(y).toFixed(1))}h0`;
      paths.set(look, (paths.get(look) ?? "") + place);
    }
    return [...paths].map(([look, places]) => `<path d="${places}" ${look}/>`).join("");
  });
}
