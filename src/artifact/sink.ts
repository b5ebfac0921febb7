import { type DType, ITEM_BYTES, type TypedArrays } from "../base/dtype.js";
import { itemsPerChunk } from "./dataset.js";
import { memory, ScratchFile } from "./scratch.js";
import { type BytesRef, bytesInMemory, bytesInParts, sizeOf, type Tensor } from "./tensor.js";

/** Collects an array `[items, …]` from its first item to its last: in memory, or in a scratch file where it is large. */
export class ItemSink<D extends DType> {
  readonly #dtype: D;
  readonly #shape: readonly number[];
  readonly #held: Uint8Array | null;
  readonly #file: ScratchFile | null;
  #length = 0;

  /** @param shape `[items, …]` */
  constructor(dtype: D, shape: readonly number[]) {
    this.#dtype = dtype;
    this.#shape = shape;
    const bytes = sizeOf(shape) * ITEM_BYTES[dtype];
    const held = bytes <= memory.heldBytes;
    this.#held = held ? new Uint8Array(bytes) : null;
    this.#file = held ? null : new ScratchFile();
  }

  /** @param values of whole items, which follow those that were added before. */
  add(values: TypedArrays[D]): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#held?.set(bytes, this.#length);
    this.#file?.append(bytes);
    this.#length += bytes.length;
  }

  /** What was collected; in pieces, which are read when they are used, where it lies in a file. */
  tensor(affine: { readonly scale?: number; readonly offset?: number } = {}): Tensor<D> {
    const { scale = 1, offset = 0 } = affine;
    const bytes = this.#held === null ? bytesInParts(this.#parts()) : bytesInMemory(this.#held);
    return { dtype: this.#dtype, shape: this.#shape, scale, offset, bytes };
  }

  #parts(): BytesRef[] {
    const file = this.#file as ScratchFile;
    const each = sizeOf(this.#shape.slice(1)) * ITEM_BYTES[this.#dtype];
    const most = itemsPerChunk(each) * each;
    const parts: BytesRef[] = [];
    for (let from = 0; from < this.#length; from += most) {
      const length = Math.min(most, this.#length - from);
      const read = (): Uint8Array => {
        const bytes = new Uint8Array(length);
        file.read(bytes, from);
        return bytes;
      };
      parts.push({ length, load: read, read });
    }
    return parts;
  }
}
