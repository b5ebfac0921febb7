import { ItemSink } from "../artifact/sink.js";
import { storedParts, type Tensor } from "../artifact/tensor.js";

/**
 * Reconstructions as bytes: on the scale of the input where that consists of bytes, else between their own extremes, for which
 * they are kept as floats until the last is there. Of either, what is large lies in a scratch file.
 */
export class ByteImages {
  readonly #like: Tensor;
  readonly #bytes: ItemSink<"uint8">;
  readonly #floats: ItemSink<"float32"> | null;
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  /** @param like the input; @param shape `[items, …]` of what is made. */
  constructor(like: Tensor, shape: readonly number[]) {
    this.#like = like;
    this.#bytes = new ItemSink("uint8", shape);
    this.#floats = like.dtype === "uint8" ? null : new ItemSink("float32", shape);
  }

  /** @param values of whole items, which follow those that were added before. */
  add(values: Float32Array): void {
    if (this.#floats === null) {
      this.#bytes.add(asBytes(values, this.#like));
      return;
    }
    this.#floats.add(values);
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      this.#low = Math.min(this.#low, value);
      this.#high = Math.max(this.#high, value);
    }
  }

  tensor(): Tensor<"uint8"> {
    if (this.#floats === null) return this.#bytes.tensor(this.#like);
    const affine = this.#scale();
    for (const part of storedParts(this.#floats.tensor())) this.#bytes.add(asBytes(part, affine));
    return this.#bytes.tensor(affine);
  }

  #scale(): { scale: number; offset: number } {
    const [low, high] = [this.#low, this.#high];
    if (high < low) return { scale: 1, offset: 0 };
    return { scale: high > low ? (high - low) / 255 : 1, offset: low };
  }
}

function asBytes(
  values: Float32Array,
  { scale, offset }: { readonly scale: number; readonly offset: number },
): Uint8Array {
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = ((values[i] as number) - offset) / scale;
  return new Uint8Array(bytes.buffer);
}
