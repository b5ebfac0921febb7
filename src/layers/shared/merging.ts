import type * as tf from "@tensorflow/tfjs-core";
import { err, type Kit, type LibraryLayer, ok, type Result, type Shape, type Unfit } from "../../layer.js";
import { show } from "./sizes.js";

/** Facts of a layer that makes one value of several. */
export const merging = { inputs: [2, Infinity], mask: "passes" } as const;

/** A layer that makes an element of the elements at the same place; as in Keras, an axis of 1 is repeated for the others. */
export function elementwiseMerge(
  combine: (kit: Kit, inputs: readonly tf.Tensor[]) => tf.Tensor,
  library: (kit: Kit) => LibraryLayer["layer"],
) {
  return {
    ...merging,
    shape: broadcastShape,
    own: { call: combine, library: (kit: Kit) => [{ layer: library(kit) }] },
  };
}

/** One element of two at a time, from the first input on. */
export function pairwise(
  operation: (kit: Kit) => (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): (kit: Kit, inputs: readonly tf.Tensor[]) => tf.Tensor {
  return (kit, inputs) => inputs.reduce((result, input) => operation(kit)(result, input));
}

/** The shape of elements at the same places: axes are equal, or 1. */
export function broadcastShape(_: unknown, shapes: readonly Shape[]): Result<Shape, Unfit> {
  const [first = []] = shapes;
  const result = first.map((_, axis) => Math.max(...shapes.map((shape) => shape[axis] ?? 1)));
  const fits = (shape: Shape) =>
    shape.length === first.length && shape.every((size, axis) => size === 1 || size === result[axis]);
  const odd = shapes.findIndex((shape) => !fits(shape) || shape.length !== first.length);
  if (odd < 0) return ok(result);
  // Of two sizes that are not 1, the one that differs from the first input's is reported.
  const other = shapes.findIndex((shape) => shape.join() !== first.join());
  return err(oddInput(shapes, other, "inputs of one shape, or with 1 where they differ"));
}

export function equalShapes(_: unknown, shapes: readonly Shape[]): Result<Shape, Unfit> {
  const odd = shapes.findIndex((shape) => shape.join() !== shapes[0]?.join());
  return odd < 0 ? ok(shapes[0] as Shape) : err(oddInput(shapes, odd, "inputs of one shape"));
}

export function oddInput(shapes: readonly Shape[], odd: number, expected: string): Unfit {
  return {
    says: "has inputs that do not fit together",
    input: odd,
    received: shapes.map(show).join(" and "),
    expected,
    fix: "Change the layers that it takes so that their outputs fit.",
  };
}
