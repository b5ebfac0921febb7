import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { LayerError, mergeLayer } from "../layer.js";

export default mergeLayer({
  outputShape: ([first, ...others], name) => {
    const shape = first ?? [];
    const lead = shape.slice(0, -1).join();
    const odd = others.find((other) => other.slice(0, -1).join() !== lead || other.length !== shape.length);
    if (odd !== undefined) {
      throw new LayerError(`${name} joins branches that differ before their last dimension, [${shape}] and [${odd}]`);
    }
    return [...shape.slice(0, -1), [shape, ...others].reduce((sum, branch) => sum + (branch.at(-1) as number), 0)];
  },
  merge: (outputs) => tf.concat([...outputs], -1),
  library: () => layers.concatenate({ axis: -1 }),
});
