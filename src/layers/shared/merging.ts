import { err, ok, type Result, type Shape, type Unfit } from "../../layer.js";
import { show } from "./sizes.js";

/** Facts of a layer that makes one value of several. */
export const merging = { inputs: [2, Infinity] as const };

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
