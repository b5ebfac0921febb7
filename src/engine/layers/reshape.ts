import { layers } from "@tensorflow/tfjs-layers";
import type { ReshapeLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<ReshapeLayer>({
  make: (p) => layers.reshape({ targetShape: p.targetShape }),
});
