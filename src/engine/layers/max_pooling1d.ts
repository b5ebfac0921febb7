import { layers } from "@tensorflow/tfjs-layers";
import type { MaxPooling1DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<MaxPooling1DLayer>({
  make: (p) =>
    layers.maxPooling1d({
      poolSize: p.poolSize,
      padding: p.padding,
      ...(p.strides === undefined ? {} : { strides: p.strides }),
    }),
});
