import type { LeakyReLuLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<LeakyReLuLayer>({
  ...sameShape,
  stock: { make: ({ layers }, { alpha }) => layers.leakyReLU({ alpha }) },
});
