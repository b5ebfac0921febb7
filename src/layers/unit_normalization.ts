import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../layer.js";
import { sameShape } from "./shared/same.js";
import { unitLength } from "./shared/unit-length.js";

export default defineLayer({
  ...sameShape,
  own: { call: (kit, [x]) => unitLength(kit, x as tf.Tensor, -1) },
});
