/** Layers written with `branches`: each branch takes the layer's input, and the layer merges what they give. */
import type { BuiltLayer, LayerSpec, Shape } from "../layer.js";
import { buildLayer } from "./build-layer.js";
import { callLayer, callLayers } from "./layer.js";

export interface BranchedSpec extends LayerSpec {
  readonly branches?: readonly (readonly BranchedSpec[])[] | undefined;
}

export interface BranchedLayer extends BuiltLayer {
  readonly branches?: readonly (readonly BranchedLayer[])[];
}

/** A layer that cannot be built as written: the user's mistake, not ours. */
export class LayerError extends Error {}

type BuildBranch = (specs: readonly BranchedSpec[], inputShape: Shape) => readonly BranchedLayer[];

export function buildBranched(spec: BranchedSpec, inputShape: Shape, buildBranch: BuildBranch): BranchedLayer {
  if (spec.branches === undefined) return built(spec, [inputShape]);
  const branches = spec.branches.map((branch) => buildBranch(branch, inputShape));
  const merge = built(
    spec,
    branches.map((branch) => branch.at(-1)?.outputShape ?? inputShape),
  );
  const all = branches.flat();
  return {
    ...merge,
    inputShapes: [inputShape],
    weights: all.flatMap((layer) => layer.weights),
    draws: all.flatMap((layer) => layer.draws),
    branches,
    call: ([x], pass) =>
      callLayer(
        merge,
        branches.map((branch) => callLayers(branch, x as never, pass)),
        pass,
      ),
    penalties: () => all.flatMap((layer) => layer.penalties()),
  };
}

function built(spec: LayerSpec, inputShapes: readonly Shape[]): BuiltLayer {
  const layer = buildLayer(spec, inputShapes);
  if (layer.ok) return layer.value;
  const { received, expected } = layer.error;
  throw new LayerError(`${spec.name} takes ${expected}, not ${received}`);
}
