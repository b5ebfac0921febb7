import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { sizeOf } from "../../artifact/tensor.js";
import { mapLayer } from "../layer.js";

/** The library's layer refuses what is flat already. */
export default mapLayer({
  outputShape: (shape) => [sizeOf(shape)],
  call: (x) => tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]),
  library: (_, __, outputShape) => [{ layer: layers.reshape({ targetShape: [...outputShape] }) }],
});
