import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { type BuiltLayer, type Kit, type LayerSpec, ok, type Result, type Shape } from "../layer.js";
import { layerFacts, layerShape, type Misfit } from "../layers/index.js";
import { activationOf, inLibrary } from "./activations.js";
import { dilateByKernel } from "./dilation.js";
import { initialValues } from "./initializers.js";
import { buildOwn } from "./own-layer.js";
import { resetAfterProduct } from "./reset-after.js";
import { buildStock } from "./stock-layer.js";

const kit: Kit = {
  tf,
  layers,
  activationOf: (name) => activationOf(name) as never,
  inLibrary,
  initialValues,
  dilateByKernel,
  resetAfterProduct,
  buildStock: (stock, spec, inputShapes) => buildStock(stock, kit, spec, inputShapes),
};

/** A layer for inputs of these shapes, or why they do not fit it. */
export function buildLayer(spec: LayerSpec, inputShapes: readonly Shape[]): Result<BuiltLayer, Misfit> {
  const shape = layerShape(spec.kind, spec.params, inputShapes);
  if (!shape.ok) return shape;
  const facts = layerFacts(spec.kind);
  if ("stock" in facts) return ok(buildStock(facts.stock, kit, spec, inputShapes));
  if ("own" in facts) return ok(buildOwn(facts.own, kit, spec, inputShapes, shape.value));
  return ok(facts.build(kit, spec, inputShapes));
}
