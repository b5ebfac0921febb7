import type { MaxPooling1DLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { poolShape } from "./shared/windows.js";

export default defineLayer<MaxPooling1DLayer>({
  shape: poolShape,
  rank: 1,
  stock: {
    make: ({ layers }, { poolSize, padding, strides = poolSize }) =>
      layers.maxPooling1d({ poolSize, padding, strides }),
  },
});
