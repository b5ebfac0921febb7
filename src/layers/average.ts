import { defineLayer } from "../layer.js";
import { elementwiseMerge, pairwise } from "./shared/merging.js";

const sum = pairwise(({ tf }) => tf.add);

export default defineLayer(
  elementwiseMerge(
    (kit, inputs) => kit.tf.div(sum(kit, inputs), inputs.length),
    ({ layers }) => layers.average(),
  ),
);
