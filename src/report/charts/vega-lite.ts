import { floatValues } from "../../artifact/tensor.js";
import type { JsonObject } from "../../base/json.js";
import type { Block } from "../block.js";
import { type Columns, defineChart, type Shown } from "../chart.js";
import { className, evenly, labelsOf } from "../draw/items.js";
import { round } from "../format.js";

/** Items in the tables `items` and `latent`, evenly spread: enough to see, few enough to send. */
const ITEMS = 2000;

/** Which tables are there; the rows are read from the artifacts when the report is drawn. */
type UserChart = { readonly tables: readonly string[] };

export default defineChart<"vega-lite", UserChart>({
  kind: "vega-lite",
  group: "custom",
  place: 1,

  async collect({ artifacts: { history, metrics, predictions } }, options) {
    const tables = [
      ...(history ? ["history"] : []),
      ...(metrics ? ["metrics"] : []),
      ...(predictions ? ["items"] : []),
      ...(predictions?.latent ? ["latent"] : []),
    ];
    const missing = namesIn(options.spec as JsonObject).find((name) => !tables.includes(name));
    if (missing !== undefined)
      return { absent: `there is no table ${missing}; there are ${tables.join(", ") || "none"}` };
    if (addressIn(options.spec))
      return { absent: "a chart reads the tables of its run only: it cannot load from an address" };
    const complaint = await vegaLiteComplaint(options.spec as JsonObject);
    return complaint?.severity === "error"
      ? { absent: `Vega-Lite does not take the specification: ${complaint.words}` }
      : { data: { tables } };
  },

  draw(shown, options, page) {
    for (const name of namesIn(options.spec as JsonObject)) page.dataset(name, tables[name]?.(shown) ?? {});
    const block: Block = {
      type: "chart",
      id: `${page.id}-chart`,
      title: options.title,
      alt:
        options.description || `${options.title}, a chart of ${shown.map(({ variant }) => variant.name).join(", ")}.`,
      spec: options.spec as JsonObject,
      table: null,
    };
    return { id: page.id, title: options.title, blocks: [block] };
  },
});

/** Whether any data, wherever in the specification, comes from an address. */
function addressIn(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const { data } = value as { data?: { url?: unknown } };
  return data?.url !== undefined || Object.values(value).some(addressIn);
}

/** What Vega-Lite says against a specification: a warning where it draws the chart all the same. */
export interface ChartComplaint {
  readonly severity: "error" | "warning";
  readonly words: string;
}

/** Compiles and draws it once without data: later, one bad chart would take the whole report with it. Null: all is well. */
export async function vegaLiteComplaint(spec: JsonObject): Promise<ChartComplaint | null> {
  // Vega is loaded only where a pipeline has such a chart.
  const { compileChart, staticSvg } = await import("../vega.js");
  try {
    const compiled = compileChart(spec);
    await staticSvg(compiled.vega, {}, "trial", "");
    return compiled.warnings.length > 0 ? { severity: "warning", words: compiled.warnings.join("; ") } : null;
  } catch (error) {
    return { severity: "error", words: error instanceof Error ? error.message : String(error) };
  }
}

/** The names of the tables of the run that a specification reads, wherever in it they stand. */
function namesIn(spec: JsonObject): string[] {
  const found = new Set<string>();
  const visit = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value !== null && typeof value === "object") {
      const { data } = value as { data?: { name?: unknown; values?: unknown } };
      if (typeof data?.name === "string" && data.values === undefined) found.add(data.name);
      Object.values(value).forEach(visit);
    }
  };
  visit(spec);
  const own = Object.keys((spec.datasets ?? {}) as object);
  return [...found].filter((name) => !own.includes(name));
}

type Row = Record<string, number | string | null>;

const tables: Readonly<Record<string, (shown: readonly Shown<UserChart>[]) => Columns>> = {
  history: (shown) =>
    columnsOf(
      shown.flatMap(({ variant, artifacts: { history } }) =>
        Object.entries(history?.splits ?? {}).flatMap(([split, metrics]) =>
          Array.from({ length: history?.epochs ?? 0 }, (_, i): Row => {
            const values = Object.entries(metrics).map(([metric, curve]) => [metric, curve[i] ?? null]);
            return { variant: variant.name, split, epoch: i + 1, ...Object.fromEntries(values) };
          }),
        ),
      ),
    ),
  metrics: (shown) =>
    columnsOf(
      shown.flatMap(({ variant, artifacts: { metrics } }) =>
        Object.entries(metrics?.splits ?? {}).map(
          ([split, values]): Row => ({ variant: variant.name, split, ...values }),
        ),
      ),
    ),
  items: (shown) =>
    columnsOf(
      shown.flatMap(({ variant, artifacts: { dataset, predictions } }) => {
        if (!predictions) return [];
        const labels = labelsOf(dataset, predictions.split);
        const losses = Object.entries(predictions.itemLoss).map(
          ([name, tensor]) => [name, floatValues(tensor)] as const,
        );
        return evenly(predictions.items, ITEMS).map(
          (item): Row => ({
            variant: variant.name,
            item,
            class: labels ? className(dataset, labels[item] as number) : null,
            ...Object.fromEntries(losses.map(([name, values]) => [name, round(values[item] as number)])),
          }),
        );
      }),
    ),
  latent: (shown) =>
    columnsOf(
      shown.flatMap(({ variant, artifacts: { dataset, predictions } }) => {
        if (!predictions?.latent) return [];
        const labels = labelsOf(dataset, predictions.split);
        const values = floatValues(predictions.latent);
        const width = predictions.latent.shape[1] as number;
        return evenly(predictions.items, ITEMS).map((item): Row => {
          const z = Array.from({ length: width }, (_, d) => [`z${d + 1}`, round(values[item * width + d] as number)]);
          return {
            variant: variant.name,
            item,
            class: labels ? className(dataset, labels[item] as number) : null,
            ...Object.fromEntries(z),
          };
        });
      }),
    ),
};

function columnsOf(rows: readonly Row[]): Columns {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]));
}
