import { sizeOf, storedValues } from "../artifact/tensor.js";
import type { Split } from "../artifact/types.js";
import { RandomStream } from "../base/random.js";
import type { Draw } from "../layer.js";
import type { HostArray, NamedArrays } from "./engine.js";
import type { DataKinds } from "./program.js";

/** Random numbers of one pass over a split: the seed, and what they are for, such as `["train", 3]`. */
export interface DrawSource {
  readonly seed: number;
  readonly path: readonly (string | number)[];
}

/**
 * Brings items of a split, in any order, into the arrays that an engine takes, with the random draws beside them. The
 * buffers are made once and used again, so what `fill` returns is good until the next call.
 */
export class Feed {
  readonly #columns: readonly Column[];
  readonly #draws: readonly DrawColumn[];
  readonly items: number;
  readonly capacity: number;

  /** @param capacity most items that one call of `fill` is asked for. */
  constructor(split: Split, kinds: DataKinds, draws: readonly Draw[], capacity: number) {
    this.items = split.x.shape[0] as number;
    this.capacity = capacity;
    const columns = [columnOf("x", storedValues(split.x), kinds.x.shape, split.x.dtype, capacity)];
    if (kinds.y !== undefined && split.y !== null) {
      columns.push(columnOf("y", storedValues(split.y), kinds.y.shape, kinds.y.dtype, capacity));
    }
    this.#columns = columns;
    this.#draws = draws.map((draw) => drawColumn(draw, capacity));
  }

  /**
   * @param order item numbers of the pass; as stored when null.
   * @param from place in the order of the first item, which is also where its draws begin in their streams.
   */
  fill(order: Uint32Array | null, from: number, count: number, source: DrawSource): NamedArrays {
    const arrays: Record<string, HostArray> = {};
    for (const column of this.#columns) arrays[column.name] = gather(column, order, from, count);
    for (const { draw, size, buffer } of this.#draws) {
      const stream = new RandomStream(source.seed, [...source.path, draw.name]);
      const values = buffer.subarray(0, count * size);
      const { distribution } = draw;
      if (distribution.kind === "normal") stream.normals(values as Float32Array, from * size);
      else fillMask(values as Uint8Array, stream, from * size, distribution.rate);
      arrays[draw.name] = values;
    }
    return arrays;
  }
}

interface Column {
  readonly name: string;
  readonly stored: HostArray;
  readonly size: number;
  readonly buffer: HostArray;
}

interface DrawColumn {
  readonly draw: Draw;
  readonly size: number;
  readonly buffer: HostArray;
}

function columnOf(name: string, stored: HostArray, shape: readonly number[], dtype: string, capacity: number): Column {
  const size = sizeOf(shape);
  const length = capacity * size;
  const buffer =
    dtype === "uint8" ? new Uint8Array(length) : dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  return { name, stored, size, buffer };
}

function drawColumn(draw: Draw, capacity: number): DrawColumn {
  const size = sizeOf(draw.shape);
  const length = capacity * size;
  return {
    draw,
    size,
    buffer: draw.distribution.kind === "normal" ? new Float32Array(length) : new Uint8Array(length),
  };
}

function gather({ stored, size, buffer }: Column, order: Uint32Array | null, from: number, count: number): HostArray {
  if (order === null) {
    buffer.set(stored.subarray(from * size, (from + count) * size));
  } else {
    for (let i = 0; i < count; i++) {
      const item = order[from + i] as number;
      buffer.set(stored.subarray(item * size, (item + 1) * size), i * size);
    }
  }
  return buffer.subarray(0, count * size);
}

/** Uniform numbers at a time: masks can be large, and need no more than a byte an element. */
const BLOCK = 1 << 14;
const uniforms = new Float32Array(BLOCK);

/**
 * Masks cross as bytes: the threshold is applied here, to all 24 bits of a draw, and 1 stands for an element that is kept.
 * @param start of the stream's element for `out[0]`.
 */
function fillMask(out: Uint8Array, stream: RandomStream, start: number, rate: number): void {
  for (let from = 0; from < out.length; from += BLOCK) {
    const block = stream.uniforms(uniforms.subarray(0, Math.min(BLOCK, out.length - from)), start + from);
    for (let i = 0; i < block.length; i++) out[from + i] = (block[i] as number) >= rate ? 1 : 0;
  }
}
