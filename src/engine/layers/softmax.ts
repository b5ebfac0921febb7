import { layers } from "@tensorflow/tfjs-layers";
import type { SoftmaxLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

/** The library's default is the first dimension after the batch, which is the last one only of vectors. */
export default stockLayer<SoftmaxLayer>({
  make: () => layers.softmax({ axis: -1 }),
});
