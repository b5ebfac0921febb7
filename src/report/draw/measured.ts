import type { Shown } from "../chart.js";

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
