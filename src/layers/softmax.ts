import { defineLayer } from "../layer.js";
import { sameShape } from "./shared/same.js";

export default defineLayer({
  ...sameShape,
  endsWith: () => "softmax",
  withoutEnd: () => null,
  // The library's default is the first dimension after the batch, which is the last one only of vectors.
  stock: { make: ({ layers }) => layers.softmax({ axis: -1 }) },
});
