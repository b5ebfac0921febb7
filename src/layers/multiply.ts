import { defineLayer } from "../layer.js";
import { elementwiseMerge, pairwise } from "./shared/merging.js";

export default defineLayer(
  elementwiseMerge(
    pairwise(({ tf }) => tf.mul),
    ({ layers }) => layers.multiply(),
  ),
);
