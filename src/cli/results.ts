import type { MetricValues, RunSummary, TrainingSummary, VariantSummary } from "./actions/summary.js";
import { type Column, textTable } from "./table.js";
import { duration, metric, plural } from "./text.js";

type MetricKey = { readonly split: string; readonly name: string };

/** A variant's numbers as one of its stages measured them. */
interface Measured {
  readonly name: string;
  readonly metrics: MetricValues;
}

/** A line each: the variant, or under `variant · stage` every stage that measured, where there are several. */
function measured({ name, metrics, stages }: VariantSummary): readonly Measured[] {
  const several = stages.flatMap((stage) => (stage.metrics ? [{ name: stage.name, metrics: stage.metrics }] : []));
  if (several.length < 2) return [{ name, metrics }];
  return several.map((stage) => ({ name: `${name} · ${stage.name}`, metrics: stage.metrics }));
}

/** One line a variant: every metric of every split, the time, and what of it was stored. */
export function metricsTable(summary: RunSummary): string {
  return tableOf(summary, metricKeys(summary.variants.flatMap(measured)));
}

/** The same, narrow enough for a terminal: losses and accuracies, and what else all variants have in common. */
export function headlineTable(summary: RunSummary): string {
  const all = summary.variants.flatMap(measured);
  const some = all.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const keys = metricKeys(all).filter(
    ({ split, name }) =>
      name === "loss" ||
      name === "accuracy" ||
      (AUTOENCODER_PARTS.has(name) && some.every(({ metrics }) => metrics[split]?.[name] !== undefined)),
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
  const rows = summary.variants.flatMap((variant) =>
    measured(variant).map(({ name, metrics }, i) => [
      name,
      ...keys.map((key) => {
        const value = metrics[key.split]?.[key.name];
        return value === undefined ? "-" : metric(value);
      }),
      // They are the variant's.
      i > 0 ? "" : duration(variant.stages.reduce((sum, { durationMs }) => sum + durationMs, 0)),
      i > 0 ? "" : stageCounts(variant),
    ]),
  );
  return textTable(columns, rows);
}

/** In the order of the first variant that has them: splits outside, metrics inside. */
export function metricKeys(variants: readonly Pick<Measured, "metrics">[]): readonly MetricKey[] {
  const keys = new Map<string, MetricKey>();
  for (const { metrics } of variants) {
    for (const [split, values] of Object.entries(metrics)) {
      for (const name of Object.keys(values ?? {})) keys.set(`${split} ${name}`, { split, name });
    }
  }
  return [...keys.values()];
}

/** `3 ran, 4 cached`. */
function stageCounts({ stages }: VariantSummary): string {
  const counts = new Map<string, number>();
  for (const { status } of stages) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

/** `stopped after 11 of 100 epochs, the weights of epoch 9 kept (by loss of test)  learning rate 0.001 → 0.0005`. */
export function trainingLine({ epochs, planned, kept, chosenBy, learningRate }: TrainingSummary): string {
  const ends = [learningRate[0], learningRate.at(-1)].map((rate) => String(Number((rate ?? 0).toPrecision(4))));
  return `${endOfTraining(epochs, planned, kept, chosenBy)}  learning rate ${[...new Set(ends)].join(" → ")}`;
}

/** How many epochs there were and, with early stopping, which weights it left. */
export function endOfTraining(
  epochs: number,
  planned: number | null,
  kept: number | null,
  chosenBy: TrainingSummary["chosenBy"],
): string {
  const early = planned !== null && epochs < planned;
  const ran = early ? `stopped after ${epochs} of ${planned} epochs` : plural(epochs, "epoch");
  if (chosenBy === undefined || kept === null) return ran;
  return `${ran}, the weights of epoch ${kept} kept (by ${chosenBy.metric} of ${chosenBy.split})`;
}

/** A variant's trainings, named like its stages where there are several. */
export function trainings({ name, stages }: VariantSummary): readonly { name: string; training: TrainingSummary }[] {
  const all = stages.flatMap((stage) => (stage.training ? [{ name: stage.name, training: stage.training }] : []));
  return all.length < 2
    ? all.map(({ training }) => ({ name, training }))
    : all.map((stage) => ({ ...stage, name: `${name} · ${stage.name}` }));
}

/** A line for each variant in whose training early stopping had a say. */
export function stoppingLines({ variants }: RunSummary): readonly string[] {
  return variants.flatMap((variant) =>
    trainings(variant).flatMap(({ name, training }) => {
      if (!training.chosenBy) return [];
      const { epochs, planned, kept, chosenBy } = training;
      return [`${name}: ${endOfTraining(epochs, planned, kept, chosenBy)}`];
    }),
  );
}
