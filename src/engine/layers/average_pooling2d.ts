import { layers } from "@tensorflow/tfjs-layers";
import type { AveragePooling2DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<AveragePooling2DLayer>({
  make: (p) =>
    layers.averagePooling2d({
      poolSize: p.poolSize,
      padding: p.padding,
      ...(p.strides === undefined ? {} : { strides: p.strides }),
    }),
});
