import { type Model, type ModelNode, sourceNamed } from "../../artifact/graph.js";
import { layerFacts } from "../../layers/index.js";

/**
 * Multiply-adds of one forward pass of one item: a multiplication and the addition after it count once. Element-wise
 * work (activations, normalization, pooling) is left out, as is usual. Null where a layer's count is not known.
 */
export function multiplyAdds(model: Model): number | null {
  const counts = model.nodes.map((node) => nodeMultiplyAdds(model, node));
  return counts.includes(null) ? null : counts.reduce<number>((sum, n) => sum + (n as number), 0);
}

function nodeMultiplyAdds(model: Model, node: ModelNode): number | null {
  const { kind, params, from, shape } = node;
  // A layer that shares another's weights computes as much as that one.
  const owner = node.sharedWith === undefined ? undefined : model.nodes.find(({ name }) => name === node.sharedWith);
  const { parameters } = owner ?? node;
  const cost = layerFacts(kind)?.cost;
  if (cost === undefined) return parameters === 0 ? 0 : null;
  return cost({
    params,
    inputShapes: from.map((source) => sourceNamed(model, source).shape),
    outputShape: shape,
    parameters,
  });
}
