import { layers } from "@tensorflow/tfjs-layers";
import type { AveragePooling1DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<AveragePooling1DLayer>({
  make: (p) =>
    layers.averagePooling1d({
      poolSize: p.poolSize,
      padding: p.padding,
      ...(p.strides === undefined ? {} : { strides: p.strides }),
    }),
});
