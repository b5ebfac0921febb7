import { ItemReader } from "../artifact/reader.js";
import { sizeOf, type Tensor } from "../artifact/tensor.js";
import { RandomStream } from "../base/random.js";
import type { Draw } from "../layer.js";
import type { HostArray, NamedArrays } from "./engine.js";
import { countOf, type Items } from "./items.js";
import { type DataKinds, drawName, type InputKind } from "./program.js";

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

  readonly #picked: Uint32Array | null;
  readonly #numbers: Uint32Array;

  /** @param capacity most items that one call of `fill` is asked for. */
  constructor(items: Items, kinds: DataKinds, draws: readonly Draw[], capacity: number) {
    this.items = countOf(items);
    this.capacity = capacity;
    this.#columns = Object.entries(items.columns).map(([name, { tensor }]) =>
      columnOf(name, tensor, kinds[name] as InputKind, capacity),
    );
    this.#picked = items.picked ?? null;
    this.#numbers = new Uint32Array(this.#picked === null ? 0 : capacity);
    this.#draws = draws.map((draw) => drawColumn(draw, capacity));
  }

  /**
   * @param order item numbers of the pass; as stored when null.
   * @param from place in the order of the first item, which is also where its draws begin in their streams.
   */
  fill(order: Uint32Array | null, from: number, count: number, source: DrawSource): NamedArrays {
    const arrays: Record<string, HostArray> = {};
    const numbers = this.#picked === null ? order : this.#inSplit(this.#picked, order, from, count);
    const first = this.#picked === null ? from : 0;
    for (const column of this.#columns) arrays[column.name] = gather(column, numbers, first, count);
    for (const { draw, size, buffer } of this.#draws) {
      const stream = new RandomStream(source.seed, [...source.path, draw.name]);
      const values = buffer.subarray(0, count * size);
      const { distribution } = draw;
      if (distribution.kind === "normal") stream.normals(values as Float32Array, from * size);
      else fillMask(values as Uint8Array, stream, from * size, distribution.rate);
      arrays[drawName(draw.name)] = values;
    }
    return arrays;
  }

  /** Numbers in their split of some items of the pass. */
  #inSplit(picked: Uint32Array, order: Uint32Array | null, from: number, count: number): Uint32Array {
    for (let i = 0; i < count; i++)
      this.#numbers[i] = picked[order === null ? from + i : (order[from + i] as number)] as number;
    return this.#numbers;
  }
}

interface Column {
  readonly name: string;
  readonly reader: ItemReader;
  readonly buffer: HostArray;
  /** Applied on the way where the engine takes another type than that in store. */
  readonly affine: { readonly scale: number; readonly offset: number } | null;
}

interface DrawColumn {
  readonly draw: Draw;
  readonly size: number;
  readonly buffer: HostArray;
}

function columnOf(name: string, tensor: Tensor, { dtype, shape }: InputKind, capacity: number): Column {
  const length = capacity * sizeOf(shape);
  const buffer =
    dtype === "uint8" ? new Uint8Array(length) : dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  const affine =
    dtype === "float32" && tensor.dtype !== "float32" ? { scale: tensor.scale, offset: tensor.offset } : null;
  return { name, reader: new ItemReader(tensor), buffer, affine };
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

function gather({ reader, buffer, affine }: Column, order: Uint32Array | null, from: number, count: number): HostArray {
  reader.each(order, from, count, (stored, at) => {
    const start = at * reader.size;
    if (affine === null) buffer.set(stored, start);
    else
      for (let i = 0; i < stored.length; i++) buffer[start + i] = (stored[i] as number) * affine.scale + affine.offset;
  });
  return buffer.subarray(0, count * reader.size);
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
