import { defineLayer } from "../layer.js";
import { broadcastShape, merging, pairwise } from "./shared/merging.js";

/** The first input less the second. The library has no such layer. */
export default defineLayer({
  ...merging,
  inputs: [2, 2],
  shape: broadcastShape,
  own: { call: pairwise(({ tf }) => tf.sub) },
});
