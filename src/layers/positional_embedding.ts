import type * as tf from "@tensorflow/tfjs-core";
import type { PositionalEmbeddingLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { elementwise, sameShape } from "./shared/same.js";

/** Adds a learned vector to every step: the same to the same step of all items. */
export default defineLayer<PositionalEmbeddingLayer>({
  ...sameShape,
  rank: 1,
  cost: elementwise,
  own: {
    weights: (p, [input]) => [
      {
        name: "embeddings",
        shape: input as Shape,
        initializer: p.embeddingsInitializer,
        regularizer: p.embeddingsRegularizer,
      },
    ],
    call: ({ tf }, [x], _, { weight }) => tf.add(x as tf.Tensor, weight("embeddings")),
  },
});
