import { layers } from "@tensorflow/tfjs-layers";
import type { ActivationLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<ActivationLayer>({
  make: (p) => layers.activation({ activation: p.activation }),
});
