import { layers } from "@tensorflow/tfjs-layers";
import type { ReLuLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<ReLuLayer>({
  make: (p) => layers.reLU(p.maxValue === undefined ? {} : { maxValue: p.maxValue }),
});
