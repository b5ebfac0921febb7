import type { MaxPooling2DLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { poolShape } from "./shared/windows.js";

export default defineLayer<MaxPooling2DLayer>({
  shape: poolShape,
  rank: 2,
  stock: {
    make: ({ layers }, { poolSize, padding, strides = poolSize }) =>
      layers.maxPooling2d({ poolSize, padding, strides }),
  },
});
