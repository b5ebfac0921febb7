import { err, type Shape, type Unfit } from "../../layer.js";
import { show } from "./sizes.js";

export function nothingLeft(input: Shape, cropping: unknown): { readonly ok: false; readonly error: Unfit } {
  return err({
    says: "leaves nothing of its input",
    path: ["cropping"],
    received: `input ${show(input)} and cropping ${JSON.stringify(cropping)}`,
    expected: "less cropping than there is of the input",
    fix: "Crop less.",
  });
}
