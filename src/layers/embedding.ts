import type * as tf from "@tensorflow/tfjs-core";
import type { EmbeddingLayer } from "../gen/layers.js";
import { defineLayer, ok, type Shape } from "../layer.js";
import { elementwise } from "./shared/same.js";

export default defineLayer<EmbeddingLayer>({
  shape: ({ outputDim }, [input]) => ok([...(input as Shape), outputDim]),
  indices: ({ inputDim }) => inputDim,
  cost: elementwise,
  mask: ({ tf, withoutGradient }, [x], { maskZero }) =>
    maskZero ? withoutGradient(x as tf.Tensor, (x) => tf.cast(tf.notEqual(x, 0), "float32")) : null,
  stock: {
    make: ({ layers }, p) => layers.embedding({ inputDim: p.inputDim, outputDim: p.outputDim }),
    initializers: (p) => ({ embeddings: p.embeddingsInitializer }),
    regularizers: (p) => ({ embeddings: p.embeddingsRegularizer }),
    // The library's files carry no mask to the layers behind.
    library: (_, layer, { maskZero }) => (maskZero ? null : [{ layer }]),
  },
});
