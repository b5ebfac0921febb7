/** Shapes of layers one after the other, and of those that are written with `branches`. */
import { leavesPicture } from "../base/channels.js";
import type { JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { Layer } from "../gen/layers.js";
import type { Shape } from "../layer.js";
import { layerFacts, layerShape, type Misfit } from "../layers/index.js";

/** `path` is from the list of layers to what is to blame. */
type Outcome = Result<Shape, Misfit>;

/** Layers one after the other. */
export function layersShape(layers: readonly Layer[], input: Shape, isPicture = false): Outcome {
  let shape = input;
  let picture = isPicture;
  for (const [i, layer] of layers.entries()) {
    const [kind, params] = Object.entries(layer)[0] as [string, object];
    const output = branchedShape(kind, params, shape, picture);
    if (!output.ok) return within([i, kind], output.error);
    shape = output.value;
    picture = leavesPicture(layerFacts(kind), shape, picture);
  }
  return ok(shape);
}

function branchedShape(kind: string, params: object, input: Shape, isPicture: boolean): Outcome {
  const { branches } = params as { readonly branches?: readonly (readonly Layer[])[] };
  if (branches === undefined) return layerShape(kind, params, [input], isPicture);
  const shapes: Shape[] = [];
  for (const [i, branch] of branches.entries()) {
    const output = layersShape(branch, input, isPicture);
    if (!output.ok) return within(["branches", i], output.error);
    shapes.push(output.value);
  }
  const merged = layerShape(kind, params, shapes);
  return merged.ok ? merged : within(["branches", merged.error.input ?? 0], merged.error);
}

function within(path: JsonPath, misfit: Misfit): Outcome {
  return err({ ...misfit, path: [...path, ...misfit.path] });
}
