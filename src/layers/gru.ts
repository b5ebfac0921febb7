import type { GruLayer } from "../gen/layers.js";
import {
  gateInitializers,
  gateRegularizers,
  type RecurrentKind,
  recurrentLayer,
  zeroWeights,
} from "./shared/recurrent.js";

export const gru: RecurrentKind<GruLayer> = {
  make: ({ layers, activationOf }, p) =>
    layers.gru({
      units: p.units,
      activation: activationOf(p.activation),
      recurrentActivation: activationOf(p.recurrentActivation),
      useBias: p.useBias,
      returnSequences: p.returnSequences,
      goBackwards: p.goBackwards,
      ...zeroWeights,
    }),
  made({ resetAfterProduct }, layer, p) {
    if (p.resetAfter) resetAfterProduct(layer);
  },
  initializers: gateInitializers,
  regularizers: gateRegularizers,
  library: ({ inLibrary }, layer, p) =>
    !p.resetAfter && inLibrary(p.activation) && inLibrary(p.recurrentActivation) ? [{ layer }] : null,
};

export default recurrentLayer(gru);
