import { layers } from "@tensorflow/tfjs-layers";
import type { GlobalMaxPooling1DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<GlobalMaxPooling1DLayer>({
  make: () => layers.globalMaxPooling1d({}),
});
