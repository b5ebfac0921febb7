import type { Shape } from "../../layer.js";

/** How many elements a shape has. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function lastOf(shape: Shape): number {
  return shape.at(-1) ?? 1;
}

/** Shapes as they are written: `[28, 28, 1]`. */
export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** One number for both directions, or [height, width]. */
export function pair(value: number | readonly number[]): [number, number] {
  return typeof value === "number" ? [value, value] : [value[0] as number, value[1] as number];
}
