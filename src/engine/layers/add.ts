import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { LayerError, mergeLayer } from "../layer.js";

export default mergeLayer({
  outputShape: ([first, ...others], name) => {
    const shape = first ?? [];
    const odd = others.find((other) => other.join() !== shape.join());
    if (odd !== undefined) throw new LayerError(`${name} adds branches of unlike shapes, [${shape}] and [${odd}]`);
    return shape;
  },
  merge: (outputs) => tf.addN([...outputs]),
  library: () => layers.add(),
});
