import { layers } from "@tensorflow/tfjs-layers";
import type { SoftmaxLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<SoftmaxLayer>({
  make: () => layers.softmax(),
});
