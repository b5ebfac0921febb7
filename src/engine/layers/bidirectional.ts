import { layers } from "@tensorflow/tfjs-layers";
import type { BidirectionalLayer } from "../../gen/layers.js";
import { LayerError, type StockInitializers, stockLayer } from "../layer.js";
import { gruInitializers, makeGru } from "./gru.js";
import { lstmInitializers, makeLstm } from "./lstm.js";
import { makeSimpleRnn, simpleRnnInitializers } from "./simple_rnn.js";

/** Its weights are those of the inner layer twice: `forward/kernel`, …, `backward/kernel`, …. */
export default stockLayer<BidirectionalLayer>({
  make({ layer, mergeMode }) {
    const inner = innerLayer(layer);
    inner.layer.name = "inner";
    return layers.bidirectional({ layer: inner.layer as RecurrentLayer, mergeMode: mergeMode as MergeMode });
  },
  initializers: ({ layer }) =>
    Object.fromEntries(
      Object.entries(innerLayer(layer).initializers).flatMap(([weight, initializer]) => [
        [`forward_inner/${weight}`, initializer],
        [`backward_inner/${weight}`, initializer],
      ]),
    ),
});

type Arguments = Parameters<typeof layers.bidirectional>[0];
type RecurrentLayer = Arguments["layer"];
type MergeMode = NonNullable<Arguments["mergeMode"]>;

function innerLayer(layer: BidirectionalLayer["layer"]): { layer: layers.Layer; initializers: StockInitializers } {
  if ("lstm" in layer) return { layer: makeLstm(layer.lstm), initializers: lstmInitializers(layer.lstm) };
  if ("gru" in layer) return { layer: makeGru(layer.gru), initializers: gruInitializers(layer.gru) };
  if ("simple_rnn" in layer) {
    return { layer: makeSimpleRnn(layer.simple_rnn), initializers: simpleRnnInitializers(layer.simple_rnn) };
  }
  throw new LayerError(`bidirectional wraps simple_rnn, lstm or gru, not ${Object.keys(layer)[0]}`);
}
