import { layers } from "@tensorflow/tfjs-layers";
import type { BidirectionalLayer } from "../../gen/layers.js";
import { LayerError, stockLayer } from "../layer.js";
import type { RecurrentKind } from "../recurrent.js";
import { gru } from "./gru.js";
import { lstm } from "./lstm.js";
import { simpleRnn } from "./simple_rnn.js";

type Arguments = Parameters<typeof layers.bidirectional>[0];
type RecurrentLayer = Arguments["layer"];
type MergeMode = NonNullable<Arguments["mergeMode"]>;

/** Its weights are those of the inner layer twice: `forward/kernel`, …, `backward/kernel`, …. */
export default stockLayer<BidirectionalLayer>({
  make({ layer, mergeMode }) {
    const inner = innerKind(layer);
    const made = inner.make();
    made.name = "inner";
    const both = layers.bidirectional({ layer: made as RecurrentLayer, mergeMode: mergeMode as MergeMode });
    const { forwardLayer, backwardLayer } = both as unknown as Record<"forwardLayer" | "backwardLayer", layers.Layer>;
    for (const copy of [forwardLayer, backwardLayer]) inner.made(copy);
    return both;
  },
  initializers: ({ layer }) => inBoth(innerKind(layer).initializers()),
  regularizers: ({ layer }) => inBoth(innerKind(layer).regularizers()),
  library: (both, { layer }) => innerKind(layer).library(both),
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
  if ("lstm" in layer) return withParams(lstm, layer.lstm);
  if ("gru" in layer) return withParams(gru, layer.gru);
  if ("simple_rnn" in layer) return withParams(simpleRnn, layer.simple_rnn);
  throw new LayerError(`bidirectional wraps simple_rnn, lstm or gru, not ${Object.keys(layer)[0]}`);
}

function withParams<P>(kind: RecurrentKind<P>, params: P) {
  return {
    make: () => kind.make(params),
    made: (layer: layers.Layer) => kind.made?.(layer, params),
    initializers: () => kind.initializers(params),
    regularizers: () => kind.regularizers(params),
    library: (layer: layers.Layer) => kind.library(layer, params),
  };
}
