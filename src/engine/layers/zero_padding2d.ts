import { layers } from "@tensorflow/tfjs-layers";
import type { ZeroPadding2DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<ZeroPadding2DLayer>({
  make: (p) => layers.zeroPadding2d({ padding: p.padding }),
});
