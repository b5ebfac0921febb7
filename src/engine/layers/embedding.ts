import { layers } from "@tensorflow/tfjs-layers";
import type { EmbeddingLayer } from "../../gen/layers.js";
import { stockLayer } from "../layer.js";

export default stockLayer<EmbeddingLayer>({
  make: (p) => layers.embedding({ inputDim: p.inputDim, outputDim: p.outputDim }),
  initializers: (p) => ({ embeddings: p.embeddingsInitializer }),
  regularizers: (p) => ({ embeddings: p.embeddingsRegularizer }),
});
