import { layers } from "@tensorflow/tfjs-layers";
import type { SimpleRnnLayer } from "../../gen/layers.js";
import { activationOf, inLibrary } from "../activations.js";
import { gateRegularizers, type RecurrentKind, recurrentLayer, zeroWeights } from "../recurrent.js";

export const simpleRnn: RecurrentKind<SimpleRnnLayer> = {
  make: (p) =>
    layers.simpleRNN({
      units: p.units,
      activation: activationOf(p.activation),
      useBias: p.useBias,
      returnSequences: p.returnSequences,
      goBackwards: p.goBackwards,
      ...zeroWeights,
    }),
  initializers: (p) => ({
    kernel: p.kernelInitializer,
    recurrent_kernel: p.recurrentInitializer,
    bias: p.biasInitializer,
  }),
  regularizers: gateRegularizers,
  library: (layer, p) => (inLibrary(p.activation) ? [{ layer }] : null),
};

export default recurrentLayer(simpleRnn);
