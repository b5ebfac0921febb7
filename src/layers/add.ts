import { defineLayer } from "../layer.js";
import { elementwiseMerge, pairwise } from "./shared/merging.js";

const sum = pairwise(({ tf }) => tf.add);

export default defineLayer(
  elementwiseMerge(
    (kit, inputs) => {
      const equal = inputs.every((input) => input.shape.join() === inputs[0]?.shape.join());
      return equal ? kit.tf.addN([...inputs]) : sum(kit, inputs);
    },
    ({ layers }) => layers.add(),
  ),
);
