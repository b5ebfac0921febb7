import type { Kit, LibraryLayer } from "../../layer.js";

/** A layer of the library for pictures, for sequences: they become pictures of width 1. */
export function ofColumn(
  { layers }: Kit,
  layer: LibraryLayer["layer"],
  [steps, channels]: readonly [number, number],
  after: number,
): LibraryLayer[] {
  return [
    { layer: layers.reshape({ targetShape: [steps, 1, channels] }) },
    { layer },
    { layer: layers.reshape({ targetShape: [after, channels] }) },
  ];
}
