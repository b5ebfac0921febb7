import type { ChartFigure, Figures } from "../artifact/types.js";
import type { Json, JsonObject } from "../base/json.js";
import { chartModules } from "../gen/registry-charts.js";
import { type ChartDefinition, type ChartSource, type Collected, isAbsent } from "./chart.js";

/** One chart that a pipeline asks for, its options complete. */
export interface ChartRequest {
  readonly kind: string;
  readonly options: JsonObject;
  /** Asked for by name; then the report says why it is missing, where it is. */
  readonly named: boolean;
}

const modules: Readonly<Record<string, ChartDefinition>> = chartModules;

/** Every kind that a pipeline gets without asking: all but those that need something to be written. */
export const defaultChartKinds: readonly string[] = Object.keys(modules).filter((kind) => kind !== "vega-lite");

export function chartOfKind(kind: string): ChartDefinition | undefined {
  return modules[kind];
}

/** Runs the first half of every chart over one variant. */
export async function collectFigures(
  requests: readonly ChartRequest[],
  source: ChartSource,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Figures> {
  const charts: ChartFigure[] = [];
  const used = new Map<string, number>();
  for (const [i, { kind, options, named }] of requests.entries()) {
    onProgress(i, requests.length);
    const chart = modules[kind];
    if (chart === undefined) throw new Error(`no chart of kind ${kind}`);
    const result = await chart.collect(source, options);
    if (isAbsent(result) && !named) continue;
    const count = (used.get(kind) ?? 0) + 1;
    used.set(kind, count);
    charts.push(figure(count === 1 ? kind : `${kind}-${count}`, kind, options, result));
  }
  onProgress(requests.length, requests.length);
  return { charts };
}

function figure(id: string, kind: string, options: JsonObject, result: Collected | { absent: string }): ChartFigure {
  return isAbsent(result)
    ? { id, kind, options, data: { absent: result.absent }, images: {} }
    : { id, kind, options, data: withoutNaN(result.data), images: result.images ?? {} };
}

/** JSON has no NaN or infinity, and a chart shows neither: they become null. */
function withoutNaN(value: Json): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withoutNaN);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNaN(item as Json)]));
  }
  return value;
}
