import { type Model, type ModelOutput, reconstructedInput, trainedOutputs } from "../artifact/graph.js";
import type { Column, Dataset, Metrics, Predictions } from "../artifact/types.js";
import { own } from "../base/json.js";
import type { ChartSource } from "./chart.js";

type Artifacts = ChartSource["artifacts"];

/** The outputs that a chart can show one by one; none where the model has only one, which needs no name. */
export function outputsOf({ model, predictions }: Artifacts): readonly string[] {
  const trained = model === undefined ? [] : trainedOutputs(model).map(({ name }) => name);
  return trained.length < 2 || predictions?.outputs === undefined ? [] : trained;
}

/**
 * The artifacts as they would be if the model had this output alone, and one input: its predictions, its target column, and its
 * metrics without its name before them. Everything is read at first use.
 *
 * @param name of the output; null for the only one.
 */
export function viewOf(artifacts: Artifacts, name: string | null): Artifacts {
  const { model } = artifacts;
  const output = model && trainedOutputs(model).find((each) => name === null || each.name === name);
  if (model === undefined || output === undefined) return artifacts;
  if (name === null && model.inputs.length === 1) return artifacts;
  return Object.create(artifacts, {
    dataset: { get: () => artifacts.dataset && datasetOf(artifacts.dataset, model, output) },
    predictions: { get: () => artifacts.predictions && predictionsOf(artifacts.predictions, name) },
    metrics: { get: () => artifacts.metrics && metricsOf(artifacts.metrics, name) },
  }) as Artifacts;
}

/** One column is the input: the reconstructed one, or else the first with pictures; one is the target. */
function datasetOf(dataset: Dataset, model: Model, output: ModelOutput): Dataset {
  const named = model.inputs.flatMap(({ column }) => dataset.columns.find(({ name }) => name === column) ?? []);
  const again = reconstructedInput(model, output);
  const input =
    dataset.columns.find(({ name }) => name === again?.column) ??
    named.find(({ meaning }) => meaning === "image") ??
    named[0];
  const target = dataset.columns.find(({ name }) => name === output.target);
  const role = (column: Column): Column["role"] => {
    if (column.role === "input" && input !== undefined) return column === input ? "input" : "unused";
    if (target !== undefined && column === target) return "target";
    return column.role === "target" && target !== undefined ? "unused" : column.role;
  };
  return { ...dataset, columns: dataset.columns.map((column) => ({ ...column, role: role(column) })) };
}

function predictionsOf(predictions: Predictions, name: string | null): Predictions {
  if (name === null) return predictions;
  const { split, items, latent, latentScale, itemLoss, outputs = {} } = predictions;
  const codes = { ...(latent && { latent }), ...(latentScale && { latentScale }) };
  return { split, items, ...codes, ...own(outputs, name), itemLoss: withoutName(itemLoss, name) };
}

function metricsOf(metrics: Metrics, name: string | null): Metrics {
  if (name === null) return metrics;
  const { confusion: _, splits, about, ...rest } = metrics;
  const measured = Object.entries(splits).map(([split, values]) => [split, withoutName(values, name)]);
  return { ...rest, splits: Object.fromEntries(measured), about: withoutName(about, name) };
}

/** The output's own metrics under their plain names; and those of the whole model that it does not have itself. */
function withoutName<T>(values: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  const prefix = `${name}.`;
  const named = Object.entries(values).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  return { ...values, ...Object.fromEntries(named) };
}
