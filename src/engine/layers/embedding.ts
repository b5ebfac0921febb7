import { layers } from "@tensorflow/tfjs-layers";
import type { EmbeddingLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";
import { regularizersOf } from "../regularizer.js";

export default stockLayer<EmbeddingLayer>({
  make: (p) =>
    layers.embedding({
      inputDim: p.inputDim,
      outputDim: p.outputDim,
      ...regularizersOf(p, "embeddings"),
    }),
  initializers: (p) => ({ embeddings: p.embeddingsInitializer }),
});
