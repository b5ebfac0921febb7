import { layers } from "@tensorflow/tfjs-layers";
import type { PermuteLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<PermuteLayer>({
  make: (p) => layers.permute({ dims: p.dims }),
});
