import type { layers } from "@tensorflow/tfjs-layers";
import type { BidirectionalLayer } from "../gen/layers.js";
import { defineLayer, err, type Kit, type LayerDefinition, ok, type Shape } from "../layer.js";
import gruFacts, { gru } from "./gru.js";
import lstmFacts, { lstm } from "./lstm.js";
import { type RecurrentKind, recurrentCost, sequenceMask } from "./shared/recurrent.js";
import simpleRnnFacts, { simpleRnn } from "./simple_rnn.js";

type Arguments = Parameters<Kit["layers"]["bidirectional"]>[0];
type RecurrentLayer = Arguments["layer"];
type MergeMode = NonNullable<Arguments["mergeMode"]>;

/** Its weights are those of the inner layer twice: `forward/kernel`, …, `backward/kernel`, …. */
export default defineLayer<BidirectionalLayer>({
  rank: 1,
  shape({ layer, mergeMode }, [input]) {
    const shape = innerKind(layer)?.shape([input as Shape]);
    if (shape === undefined) {
      return err({
        code: "wrong-value",
        says: "takes a recurrent layer",
        path: ["layer"],
        received: `the layer \`${Object.keys(layer)[0]}\``,
        expected: "simple_rnn, lstm or gru",
        fix: "Use one of these.",
      });
    }
    if (!shape.ok || mergeMode !== "concat") return shape;
    return ok([...shape.value.slice(0, -1), 2 * (shape.value.at(-1) as number)]);
  },
  cost: recurrentCost,
  mask: (kit, inputs, { layer }) => sequenceMask(kit, inputs, Object.values(layer)[0]),
  stock: {
    masked: true,
    make(kit, { layer, mergeMode }) {
      const inner = knownKind(layer);
      const made = inner.make(kit);
      made.name = "inner";
      const both = kit.layers.bidirectional({ layer: made as RecurrentLayer, mergeMode: mergeMode as MergeMode });
      const { forwardLayer, backwardLayer } = both as unknown as Record<"forwardLayer" | "backwardLayer", layers.Layer>;
      for (const copy of [forwardLayer, backwardLayer]) inner.made(kit, copy);
      return both;
    },
    initializers: ({ layer }, kit) => inBoth(knownKind(layer).initializers(kit)),
    regularizers: ({ layer }) => inBoth(knownKind(layer).regularizers()),
    library: (kit, both, { layer }) => knownKind(layer).library(kit, both),
  },
});

/** The same for both copies of the inner layer, under the names that its weights have in them. */
function inBoth<T>(byWeight: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    ["forward_inner", "backward_inner"].flatMap((copy) =>
      Object.entries(byWeight).map(([weight, value]) => [`${copy}/${weight}`, value]),
    ),
  );
}

function innerKind(layer: BidirectionalLayer["layer"]) {
  if ("lstm" in layer) return withParams(lstm, lstmFacts, layer.lstm);
  if ("gru" in layer) return withParams(gru, gruFacts, layer.gru);
  if ("simple_rnn" in layer) return withParams(simpleRnn, simpleRnnFacts, layer.simple_rnn);
  return undefined;
}

function knownKind(layer: BidirectionalLayer["layer"]) {
  return innerKind(layer) as NonNullable<ReturnType<typeof innerKind>>;
}

function withParams<P>(kind: RecurrentKind<P>, facts: LayerDefinition<P>, params: P) {
  return {
    shape: (inputs: readonly Shape[]) => facts.shape(params, inputs),
    make: (kit: Kit) => kind.make(kit, params),
    made: (kit: Kit, layer: layers.Layer) => kind.made?.(kit, layer, params),
    initializers: (kit: Kit) => kind.initializers(params, kit),
    regularizers: () => kind.regularizers(params),
    library: (kit: Kit, layer: layers.Layer) => kind.library(kit, layer, params),
  };
}
