import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { DropoutLayer } from "../../gen/layers.js";
import { noiseLayer } from "../layer.js";

export default noiseLayer<DropoutLayer>({
  distribution: (p) => ({ kind: "keep", rate: p.rate }),
  apply: (x, draw) => tf.mul(x, draw),
  library: ({ rate }) => layers.dropout({ rate }),
});
