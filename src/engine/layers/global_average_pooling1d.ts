import { layers } from "@tensorflow/tfjs-layers";
import type { GlobalAveragePooling1DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<GlobalAveragePooling1DLayer>({
  make: () => layers.globalAveragePooling1d({}),
});
