import type { RunSummary, VariantSummary } from "./actions/summary.js";
import { type Column, textTable } from "./table.js";
import { duration, metric } from "./text.js";

type MetricKey = { readonly split: string; readonly name: string };

/** One line a variant: every metric of every split, the time, and what of it was stored. */
export function metricsTable(summary: RunSummary): string {
  return tableOf(summary, metricKeys(summary.variants));
}

/** The same, narrow enough for a terminal: losses and accuracies, and what else all variants have in common. */
export function headlineTable(summary: RunSummary): string {
  const measured = summary.variants.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const keys = metricKeys(summary.variants).filter(
    ({ split, name }) =>
      name === "loss" ||
      name === "accuracy" ||
      (AUTOENCODER_PARTS.has(name) && measured.every(({ metrics }) => metrics[split]?.[name] !== undefined)),
  );
  return tableOf(summary, keys);
}

const AUTOENCODER_PARTS: ReadonlySet<string> = new Set(["reconstruction", "kl"]);

function tableOf(summary: RunSummary, keys: readonly MetricKey[]): string {
  const columns: Column[] = [
    { title: "variant" },
    ...keys.map(({ split, name }) => ({ title: `${split} ${name}`, right: true })),
    { title: "time", right: true },
    { title: "stages" },
  ];
  const rows = summary.variants.map((variant) => [
    variant.name,
    ...keys.map(({ split, name }) => {
      const value = variant.metrics[split]?.[name];
      return value === undefined ? "-" : metric(value);
    }),
    duration(variant.stages.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    stageCounts(variant),
  ]);
  return textTable(columns, rows);
}

/** In the order of the first variant that has them: splits outside, metrics inside. */
export function metricKeys(variants: readonly VariantSummary[]): readonly MetricKey[] {
  const keys = new Map<string, MetricKey>();
  for (const { metrics } of variants) {
    for (const [split, values] of Object.entries(metrics)) {
      for (const name of Object.keys(values)) keys.set(`${split} ${name}`, { split, name });
    }
  }
  return [...keys.values()];
}

/** `3 ran, 4 cached`. */
export function stageCounts({ stages }: VariantSummary): string {
  const counts = new Map<string, number>();
  for (const { status } of stages) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
