import { layers } from "@tensorflow/tfjs-layers";
import type { LeakyReLuLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<LeakyReLuLayer>({
  make: (p) => layers.leakyReLU({ alpha: p.alpha }),
});
