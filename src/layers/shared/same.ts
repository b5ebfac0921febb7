import { ok, type Result, type Shape, type Unfit } from "../../layer.js";

/** Facts of a layer whose output has the shape of its input, each place made of the same place. */
export const sameShape = {
  shape: (_: unknown, [input]: readonly Shape[]): Result<Shape, Unfit> => ok(input as Shape),
  picture: "keeps",
  mask: "passes",
} as const;

/** The cost of a layer whose weights are used once an element. */
export const elementwise = (): number => 0;
