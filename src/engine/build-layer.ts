import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { type AnyLayer, type BuiltLayer, type Kit, type LayerSpec, ok, type Result, type Shape } from "../layer.js";
import { layerFacts, layerShape, type Misfit } from "../layers/index.js";
import { activationOf, inLibrary } from "./activations.js";
import { dilateByKernel } from "./dilation.js";
import { initialValues } from "./initializers.js";
import { giveMask, maskOf } from "./masks.js";
import { buildOwn } from "./own-layer.js";
import { resetAfterProduct } from "./reset-after.js";
import { expBeyondLine } from "./stable.js";
import { buildStock } from "./stock-layer.js";

const kit: Kit = {
  tf,
  layers,
  activationOf: (name) => activationOf(name) as never,
  inLibrary,
  initialValues,
  dilateByKernel,
  resetAfterProduct,
  expBeyondLine,
  withoutGradient(x, compute) {
    const f = tf.customGrad((x) => ({ value: compute(x as tf.Tensor), gradFunc: () => tf.zerosLike(x as tf.Tensor) }));
    return f(x);
  },
  maskOf,
  buildStock: (stock, spec, inputShapes) => buildStock(stock, kit, spec, inputShapes),
};

/** A layer for inputs of these shapes, or why they do not fit it. */
export function buildLayer(spec: LayerSpec, inputShapes: readonly Shape[]): Result<BuiltLayer, Misfit> {
  const shape = layerShape(spec.kind, spec.params, inputShapes);
  if (!shape.ok) return shape;
  const facts = layerFacts(spec.kind);
  return ok(withMask(facts, built(facts, spec, inputShapes, shape.value)));
}

function built(facts: AnyLayer, spec: LayerSpec, inputShapes: readonly Shape[], outputShape: Shape): BuiltLayer {
  if ("stock" in facts) return buildStock(facts.stock, kit, spec, inputShapes);
  if ("own" in facts) return buildOwn(facts.own, kit, spec, inputShapes, outputShape);
  return facts.build(kit, spec, inputShapes);
}

/** The same layer, whose output has the mask that follows from its inputs. */
function withMask({ mask }: AnyLayer, layer: BuiltLayer): BuiltLayer {
  if (mask === undefined) return layer;
  return {
    ...layer,
    call(inputs, pass) {
      const output = layer.call(inputs, pass);
      giveMask(output, mask === "passes" ? unionOf(inputs.map(maskOf)) : mask(kit, inputs, layer.spec.params));
      return output;
    },
  };
}

/** As in Keras: a step of several inputs counts where it counts in any of them. */
function unionOf(masks: readonly (tf.Tensor | null)[]): tf.Tensor | null {
  return masks.reduce((all, mask) => (all === null || mask === null ? null : tf.maximum(all, mask)));
}
