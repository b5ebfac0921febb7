import * as tf from "@tensorflow/tfjs-core";
import type { DropoutLayer } from "../../gen/layers.js";
import { noiseLayer } from "../layer.js";

export default noiseLayer<DropoutLayer>({
  distribution: (p) => ({ kind: "keep", rate: p.rate }),
  apply: (x, draw) => tf.mul(x, draw),
});
