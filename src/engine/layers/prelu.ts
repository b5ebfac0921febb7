import { layers } from "@tensorflow/tfjs-layers";
import type { PreluLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<PreluLayer>({
  make: () => layers.prelu(),
  initializers: (p) => ({ alpha: p.alphaInitializer }),
  regularizers: (p) => ({ alpha: p.alphaRegularizer }),
});
