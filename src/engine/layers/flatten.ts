import { layers } from "@tensorflow/tfjs-layers";
import type { FlattenLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<FlattenLayer>({
  make: () => layers.flatten(),
});
