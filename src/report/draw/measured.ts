import type { Json } from "../../base/json.js";
import type { Block } from "../block.js";
import type { Shown } from "../chart.js";
import { sameMeasure } from "../comparable.js";
import { listed } from "../format.js";

/** `Loss (nats/example)`: with the unit that all variants agree on, or without one. */
export function withUnit(label: string, shown: readonly Shown[], metric: string): string {
  const unit = unitOf(shown, metric);
  return unit === "" ? label : `${label} (${unit})`;
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
