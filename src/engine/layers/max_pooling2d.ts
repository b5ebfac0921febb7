import { layers } from "@tensorflow/tfjs-layers";
import type { MaxPooling2DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<MaxPooling2DLayer>({
  make: (p) =>
    layers.maxPooling2d({
      poolSize: p.poolSize,
      padding: p.padding,
      ...(p.strides === undefined ? {} : { strides: p.strides }),
    }),
});
