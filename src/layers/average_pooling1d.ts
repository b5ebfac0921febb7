import type { AveragePooling1DLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { poolShape } from "./shared/windows.js";

export default defineLayer<AveragePooling1DLayer>({
  shape: poolShape,
  rank: 1,
  stock: {
    make: ({ layers }, { poolSize, padding, strides = poolSize }) =>
      layers.averagePooling1d({ poolSize, padding, strides }),
  },
});
