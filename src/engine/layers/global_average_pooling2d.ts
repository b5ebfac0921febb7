import { layers } from "@tensorflow/tfjs-layers";
import type { GlobalAveragePooling2DLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<GlobalAveragePooling2DLayer>({
  make: () => layers.globalAveragePooling2d({}),
});
