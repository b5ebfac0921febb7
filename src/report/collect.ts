import type { ChartFigure, Figures } from "../artifact/types.js";
import type { Json, JsonObject } from "../base/json.js";
import { shortKind } from "../base/own-kind.js";
import { type ChartDefinition, type ChartSource, type Collected, isAbsent } from "./chart.js";
import { chartOfKind, chartsWithDefaults } from "./kinds.js";
import { outputsOf, viewOf } from "./output-views.js";

/** One chart that a pipeline requests, its options complete. */
export interface ChartRequest {
  readonly kind: string;
  readonly options: JsonObject;
  /** The pipeline names it; then the report says why it is missing, where it is. */
  readonly named: boolean;
}

/** The charts of a pipeline that names none: every kind without required options, with the defaults of its schema. */
export function defaultCharts(): readonly ChartRequest[] {
  return chartsWithDefaults().map((chart) => ({ ...chart, named: false }));
}

/** Runs the first half of every chart over one variant. */
export async function collectFigures(
  requests: readonly ChartRequest[],
  given: Omit<ChartSource, "shared">,
  onProgress: (done: number, total: number, doing?: string) => void = () => {},
): Promise<Figures> {
  const charts: ChartFigure[] = [];
  const used = new Map<string, number>();
  const sources = new Map<string | null, ChartSource>();
  const source = (output: string | null): ChartSource => {
    const known = sources.get(output);
    if (known !== undefined) return known;
    const made = { ...given, artifacts: viewOf(given.artifacts, output), shared: remembering() };
    sources.set(output, made);
    return made;
  };
  for (const [i, { kind, options, named }] of requests.entries()) {
    onProgress(i, requests.length, i > 0 ? shortKind(kind) : undefined);
    const chart = chartOfKind(kind);
    if (chart === undefined) throw new Error(`no chart of kind ${kind}`);
    const short = shortKind(kind);
    const count = (used.get(short) ?? 0) + 1;
    const id = count === 1 ? short : `${short}-${count}`;
    const made = await figuresOf(chart, { id, kind, options }, source);
    const drawn = made.filter(({ data }) => typeof data !== "object" || data === null || !isAbsent(data));
    // An output without data for a chart is not mentioned where another has some.
    const kept = drawn.length > 0 ? drawn : named ? made.slice(0, 1) : [];
    if (kept.length === 0) continue;
    used.set(short, count);
    charts.push(...kept);
  }
  onProgress(requests.length, requests.length);
  return { charts };
}

/** One figure, or one for each of several outputs where the chart shows a single output. */
async function figuresOf(
  chart: ChartDefinition,
  { id, kind, options }: Pick<ChartFigure, "id" | "kind" | "options">,
  source: (output: string | null) => ChartSource,
): Promise<readonly ChartFigure[]> {
  const outputs = chart.ofOutput ? outputsOf(source(null).artifacts) : [];
  if (outputs.length === 0) return [figure(id, kind, options, await chart.collect(source(null), options))];
  const made: ChartFigure[] = [];
  for (const output of outputs) {
    const result = await chart.collect(source(output), options);
    made.push({ ...figure(`${id}-of-${output.replace(/[^\w-]+/g, "-")}`, kind, options, result), output });
  }
  return made;
}

function remembering(): ChartSource["shared"] {
  const values = new Map<string, unknown>();
  return <T>(name: string, make: () => T): T => {
    if (!values.has(name)) values.set(name, make());
    return values.get(name) as T;
  };
}

function figure(id: string, kind: string, options: JsonObject, result: Collected | { absent: string }): ChartFigure {
  return isAbsent(result)
    ? { id, kind, options, data: { absent: result.absent }, images: {} }
    : { id, kind, options, data: withoutNaN(result.data), images: result.images ?? {} };
}

/** JSON has no NaN or infinity, and a chart shows neither: they become null. */
export function withoutNaN(value: Json): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withoutNaN);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNaN(item as Json)]));
  }
  return value;
}
