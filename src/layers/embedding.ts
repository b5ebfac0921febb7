import type { EmbeddingLayer } from "../gen/layers.js";
import { defineLayer, ok, type Shape } from "../layer.js";
import { elementwise } from "./shared/same.js";

export default defineLayer<EmbeddingLayer>({
  shape: ({ outputDim }, [input]) => ok([...(input as Shape), outputDim]),
  indices: ({ inputDim }) => inputDim,
  cost: elementwise,
  stock: {
    make: ({ layers }, p) => layers.embedding({ inputDim: p.inputDim, outputDim: p.outputDim }),
    initializers: (p) => ({ embeddings: p.embeddingsInitializer }),
    regularizers: (p) => ({ embeddings: p.embeddingsRegularizer }),
  },
});
