import { frozenParameters, type Model } from "../../artifact/graph.js";
import type { Json } from "../../base/json.js";
import type { Block, Cell } from "../block.js";
import type { Shown } from "../chart.js";
import { sameMeasure } from "../comparable.js";
import { formatNumber, listed } from "../format.js";

/** `Loss (nats/example)`: with the unit that all variants agree on, or without one. */
export function withUnit(label: string, shown: readonly Shown[], metric: string): string {
  const unit = unitOf(shown, metric);
  return unit === "" ? label : `${label} (${unit})`;
}

/** `Loss`, or of one of several outputs `Loss of digit`: `digit.loss` as a title. */
export function metricTitle(metric: string): string {
  const dot = metric.indexOf(".");
  const own = metric.slice(dot + 1);
  const title = NAMES.get(own) ?? own;
  return dot < 0 ? title : `${title} of ${metric.slice(0, dot)}`;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["loss", "Loss"],
  ["reconstruction", "Reconstruction error"],
  ["kl", "KL divergence"],
  ["accuracy", "Accuracy"],
]);

/** How many there are, and how many of them no training changes. */
export function parametersCell(parameters: number | null, model: Model | undefined): Cell {
  const frozen = model === undefined ? 0 : frozenParameters(model);
  return frozen === 0 ? parameters : { value: parameters, note: `${formatNumber(frozen, "integer")} frozen` };
}

/** Empty for a bare number, and where variants are measured in different units. */
export function unitOf(shown: readonly Shown[], metric: string): string {
  const units = shown.flatMap(({ artifacts }) => artifacts.metrics?.about[metric]?.unit ?? []);
  return new Set(units).size === 1 ? (units[0] as string) : "";
}

/** What the items that predictions were made of are called: `test items`. */
export function splitName(shown: readonly Shown[]): string {
  return shown.find(({ artifacts }) => artifacts.predictions)?.artifacts.predictions?.split ?? "test";
}

/** Those whose losses may stand on one axis: measured as the baseline's, or the first's, with a note on the others. */
export function onOneAxis<D extends Json>(shown: readonly Shown<D>[]): { alike: readonly Shown<D>[]; note: Block[] } {
  const reference = shown.find(({ variant }) => variant.baseline) ?? shown[0];
  const alike = shown.filter(
    (each) => each === reference || (reference && sameMeasure(each.artifacts, reference.artifacts)),
  );
  const others = shown.filter((each) => !alike.includes(each)).map(({ variant }) => variant.name);
  if (others.length === 0) return { alike, note: [] };
  const text = `Not drawn, measured by another loss, another form of it or on other data: ${listed(others)}.`;
  return { alike, note: [{ type: "text", tone: "note", text }] };
}
