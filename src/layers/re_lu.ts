import type { ReLuLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<ReLuLayer>({
  ...sameShape,
  stock: { make: ({ layers }, { maxValue }) => layers.reLU(maxValue === undefined ? {} : { maxValue }) },
});
