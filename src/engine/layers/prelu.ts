import { layers } from "@tensorflow/tfjs-layers";
import type { PreluLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<PreluLayer>({
  make: (p) => layers.prelu({ ...regularizersOf(p, "alpha") }),
  initializers: (p) => ({ alpha: p.alphaInitializer }),
});
