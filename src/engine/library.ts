import type * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";

/** A layer of tfjs-layers that stands for one of ours, or for a part of it, in a file that other programs read. */
export interface LibraryLayer {
  readonly layer: layers.Layer;
  /** What the file shall say of it instead of what it says of itself. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Its weights, in its order, unless it has been built and holds them. Made in the current scope. */
  weights?(): tf.Tensor[];
}
