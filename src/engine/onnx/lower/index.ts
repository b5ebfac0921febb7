import type { Graph, Node, Value } from "../ir.js";
import { mapNodes } from "../rewrites/rewrite.js";
import { lowerConv, lowerConvFilterGrad, lowerConvInputGrad } from "./conv.js";
import { lowerMaxPool, lowerMaxPoolGrad } from "./pool.js";

const LOWERINGS: Readonly<Record<string, (node: Node, graph: Graph) => Value>> = {
  "image.Conv": lowerConv,
  "image.ConvInputGrad": lowerConvInputGrad,
  "image.ConvFilterGrad": lowerConvFilterGrad,
  "image.MaxPool": lowerMaxPool,
  "image.MaxPoolGrad": lowerMaxPoolGrad,
};

/** The graph in ONNX's operators only. */
export function lower(graph: Graph): Graph {
  return mapNodes(graph, (node, result) => LOWERINGS[node.op]?.(node, result));
}
