import { layers } from "@tensorflow/tfjs-layers";
import type { GlobalMaxPooling2DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<GlobalMaxPooling2DLayer>({
  make: () => layers.globalMaxPooling2d({}),
});
