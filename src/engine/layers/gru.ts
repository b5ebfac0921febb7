import { layers } from "@tensorflow/tfjs-layers";
import type { GruLayer } from "../../gen/layers.js";
import { activationOf, inLibrary } from "../activations.js";
import { gateRegularizers, type RecurrentKind, recurrentLayer, zeroWeights } from "../recurrent.js";
import { resetAfterProduct } from "../reset-after.js";

export const gru: RecurrentKind<GruLayer> = {
  make: (p) =>
    layers.gru({
      units: p.units,
      activation: activationOf(p.activation),
      recurrentActivation: activationOf(p.recurrentActivation),
      useBias: p.useBias,
      returnSequences: p.returnSequences,
      goBackwards: p.goBackwards,
      ...zeroWeights,
    }),
  made(layer, p) {
    if (p.resetAfter) resetAfterProduct(layer);
  },
  initializers: (p) => ({
    kernel: p.kernelInitializer,
    recurrent_kernel: p.recurrentInitializer,
    bias: p.biasInitializer,
  }),
  regularizers: gateRegularizers,
  library: (layer, p) =>
    !p.resetAfter && inLibrary(p.activation) && inLibrary(p.recurrentActivation) ? [{ layer }] : null,
};

export default recurrentLayer(gru);
