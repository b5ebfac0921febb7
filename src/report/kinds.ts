/** The kinds of charts, by name: the one place of the report that knows the table of them. */
import { chartModules } from "../gen/registry-charts.js";
import { validators } from "../gen/validators.js";
import type { ChartDefinition } from "./chart.js";

const modules: Readonly<Record<string, ChartDefinition>> = chartModules;

/** Charts of a project's own, by names that hold the digests of their code: what a name means never changes. */
const adopted = new Map<string, ChartDefinition>();

export function adoptChart(name: string, chart: ChartDefinition): void {
  adopted.set(name, chart);
}

export function chartOfKind(kind: string): ChartDefinition | undefined {
  return adopted.get(kind) ?? (Object.hasOwn(modules, kind) ? modules[kind] : undefined);
}

/** Every kind without required options, with the defaults of its schema. */
export function chartsWithDefaults(): readonly { readonly kind: string; readonly options: Record<string, never> }[] {
  return Object.keys(modules).flatMap((kind) => {
    const options = {};
    // A validator fills in defaults, and fails where an option is required.
    return validators[`charts/${kind}`]?.(options) === true ? [{ kind, options }] : [];
  });
}
