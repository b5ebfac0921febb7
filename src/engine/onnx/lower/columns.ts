import type { Graph, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { reshaped, TO_CNHW, transposed } from "./layout.js";
import type { Window } from "./window.js";

/**
 * A convolution as a matrix product: every output position takes one row (or column) with the pixels that its window
 * sees, the filter is a matrix [kernel height × width × channels, filters], which is how tfjs stores it anyway.
 *
 * The rows may come in any order. For a convolution whose result is pooled, `phases` puts the positions that meet in
 * one pooling window into different matrices, the k-th of every window into the k-th: the maximum is then taken
 * element by element over whole matrices, and positions that no window reaches are not computed at all.
 */
export interface Phase {
  /** Output rows and columns that belong to it, by their numbers. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

export function wholePhase(w: Window): Phase {
  return { rows: range(w.output[0] as number), columns: range(w.output[1] as number) };
}

/** The positions of non-overlapping pooling windows, in the order in which tfjs looks for the first maximum. */
export function poolPhases(pool: readonly number[], pooled: readonly number[]): Phase[] {
  const [height, width] = pool as [number, number];
  const places = (count: number, size: number, offset: number) => range(count).map((i) => i * size + offset);
  return range(height * width).map((k) => ({
    rows: places(pooled[0] as number, height, Math.floor(k / width)),
    columns: places(pooled[1] as number, width, k % width),
  }));
}

/** Images, with zeros around them as far as windows hang over the border. */
export function padded(graph: Graph, images: Value, w: Window): Value {
  if (w.pads.every((pad) => pad === 0)) return images;
  const [top, left, bottom, right] = w.pads as [number, number, number, number];
  const pads = graph.ints([0, top, left, 0, 0, bottom, right, 0]);
  return graph.add("Pad", [images, pads, graph.scalar(0)], { mode: "constant" });
}

/** Matrices of pixels: as rows `[positions, taps × channels]`, or turned on their side. */
export interface Columns {
  readonly matrix: Value;
  readonly turned: boolean;
}

/**
 * Up to so many channels, single slices of the image are laid one after the other, turned; with more, Gather copies
 * whole pixels, and the longer a pixel is the better that goes.
 */
const FEW_CHANNELS = 4;

export function columnsOf(graph: Graph, images: Value, w: Window, phase: Phase): Columns {
  const channels = images.shape[3] as number;
  return channels <= FEW_CHANNELS
    ? { matrix: slicedColumns(graph, images, w, phase), turned: true }
    : { matrix: gatheredRows(graph, images, w, phase), turned: false };
}

function gatheredRows(graph: Graph, images: Value, w: Window, phase: Phase): Value {
  const channels = images.shape[3] as number;
  const pixels = reshaped(graph, images, [sizeOf(images.shape) / channels, channels]);
  const indices = pixelIndices(images.shape, w, phase);
  const taps = sizeOf(w.kernel);
  const rows = indices.length / taps;
  const gathered = graph.add("Gather", [pixels, graph.constant("int64", [rows, taps], indices)], { axis: 0 });
  return reshaped(graph, gathered, [rows, taps * channels]);
}

/** For every output position of the phase, tap by tap, the number of the pixel that it sees. */
export function pixelIndices(images: readonly number[], w: Window, phase: Phase): number[] {
  const [batch, height, width] = images as [number, number, number];
  const [strideY, strideX] = w.strides as [number, number];
  const [dilationY, dilationX] = w.dilations as [number, number];
  const [kernelY, kernelX] = w.kernel as [number, number];
  const indices: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (const row of phase.rows) {
      for (const column of phase.columns) {
        for (let ky = 0; ky < kernelY; ky++) {
          const line = (n * height + row * strideY + ky * dilationY) * width;
          for (let kx = 0; kx < kernelX; kx++) indices.push(line + column * strideX + kx * dilationX);
        }
      }
    }
  }
  return indices;
}

function slicedColumns(graph: Graph, images: Value, w: Window, phase: Phase): Value {
  const planes = transposed(graph, images, TO_CNHW);
  const [rowStart, rowStep] = progression(phase.rows);
  const [columnStart, columnStep] = progression(phase.columns);
  const [strideY, strideX] = w.strides as [number, number];
  const [dilationY, dilationX] = w.dilations as [number, number];
  const [kernelY, kernelX] = w.kernel as [number, number];
  const [stepY, stepX] = [rowStep * strideY, columnStep * strideX];
  const slices: Value[] = [];
  for (let ky = 0; ky < kernelY; ky++) {
    for (let kx = 0; kx < kernelX; kx++) {
      const y = rowStart * strideY + ky * dilationY;
      const x = columnStart * strideX + kx * dilationX;
      const ends = [y + (phase.rows.length - 1) * stepY + 1, x + (phase.columns.length - 1) * stepX + 1];
      const bounds = [[y, x], ends, [2, 3], [stepY, stepX]].map((list) => graph.ints(list));
      slices.push(graph.add("Slice", [planes, ...bounds]));
    }
  }
  const taps = graph.add("Concat", slices, { axis: 0 });
  return reshaped(graph, taps, [taps.shape[0] as number, sizeOf(taps.shape.slice(1))]);
}

function progression(places: readonly number[]): [start: number, step: number] {
  return [places[0] as number, places.length > 1 ? (places[1] as number) - (places[0] as number) : 1];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
