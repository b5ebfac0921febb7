/** Items of large arrays, in any order and in bounded memory. */
import { ITEM_BYTES, type NumberArray, numbersOf } from "../base/dtype.js";
import { memory, ScratchFile } from "./scratch.js";
import { type BytesRef, partsOf, sizeOf, storedValues, type Tensor } from "./tensor.js";

/** Receives the stored numbers of consecutive items, and the position of the first among those requested. */
export type UseItems = (stored: NumberArray, at: number) => void;

/** Reads items of a tensor `[items, …]`. What is small stays in memory; of the rest a verified copy is read by position. */
export class ItemReader {
  /** Numbers of an item. */
  readonly size: number;
  readonly #dtype: Tensor["dtype"];
  readonly #held: NumberArray | null;
  readonly #file: ScratchFile | null;
  readonly #buffer: Uint8Array;

  constructor(tensor: Tensor) {
    this.size = sizeOf(tensor.shape.slice(1));
    this.#dtype = tensor.dtype;
    const held = isHeld(tensor);
    this.#held = held ? storedValues(tensor) : null;
    this.#file = held ? null : spooled(tensor.bytes);
    this.#buffer = new Uint8Array(held ? 0 : Math.max(READ_BYTES, this.#itemBytes));
  }

  get #itemBytes(): number {
    return this.size * ITEM_BYTES[this.#dtype];
  }

  /** @param order numbers of items; null is as stored. @param from place in the order of the first that is wanted. */
  each(order: Uint32Array | null, from: number, count: number, use: UseItems): void {
    for (let at = 0; at < count; ) {
      const run = order === null ? count - at : runAt(order, from + at, count - at);
      this.#eachOfRun(order === null ? from + at : (order[from + at] as number), run, at, use);
      at += run;
    }
  }

  #eachOfRun(item: number, count: number, at: number, use: UseItems): void {
    if (this.#held !== null) {
      use(this.#held.subarray(item * this.size, (item + count) * this.size), at);
      return;
    }
    const each = this.#itemBytes;
    const most = Math.max(1, Math.floor(this.#buffer.length / Math.max(1, each)));
    for (let done = 0; done < count; done += most) {
      const bytes = this.#buffer.subarray(0, Math.min(most, count - done) * each);
      this.#file?.read(bytes, (item + done) * each);
      use(numbersOf(this.#dtype, bytes), at + done);
    }
  }
}

const READ_BYTES = 2 ** 20;

function isHeld({ bytes }: Tensor): boolean {
  return bytes.length <= memory.heldBytes;
}

/** Fetches and verifies now what an `ItemReader` would hold, once for all that goes through the tensor before and after. */
export function hold(tensor: Tensor): void {
  if (isHeld(tensor)) tensor.bytes.load();
}

/** How many items from this place on follow each other in store, too. */
function runAt(order: Uint32Array, from: number, most: number): number {
  let run = 1;
  while (run < most && order[from + run] === (order[from + run - 1] as number) + 1) run++;
  return run;
}

const copies = new WeakMap<BytesRef, ScratchFile>();

/** A copy of verified bytes in a scratch file, made once. */
function spooled(bytes: BytesRef): ScratchFile {
  const known = copies.get(bytes);
  if (known?.isOpen) return known;
  const file = new ScratchFile();
  for (const part of partsOf(bytes)) file.append(part.read());
  copies.set(bytes, file);
  return file;
}
