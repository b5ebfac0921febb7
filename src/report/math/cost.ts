import type { LayerRecord } from "../../artifact/parts.js";
import { partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import { layerFacts } from "../../layers/index.js";

/**
 * Multiply-adds of one forward pass of one item: a multiplication and the addition after it count once. Element-wise
 * work (activations, normalization, pooling) is left out, as is usual. Null where a layer's count is not known.
 */
export function multiplyAdds(model: Model): number | null {
  return summed(partsOf(model).parts.flatMap((part) => part.layers));
}

export function layerMultiplyAdds(layer: LayerRecord): number | null {
  if (layer.branches) return summed(layer.branches.flat());
  const { kind, params, inputShape, outputShape, parameters } = layer;
  const { cost } = layerFacts(kind);
  if (cost === undefined) return parameters === 0 ? 0 : null;
  return cost({ params, inputShapes: [inputShape], outputShape, parameters });
}

function summed(layers: readonly LayerRecord[]): number | null {
  const counts = layers.map(layerMultiplyAdds);
  return counts.includes(null) ? null : counts.reduce<number>((sum, n) => sum + (n as number), 0);
}
