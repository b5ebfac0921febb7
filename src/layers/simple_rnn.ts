import type { SimpleRnnLayer } from "../gen/layers.js";
import {
  gateInitializers,
  gateRegularizers,
  type RecurrentKind,
  recurrentLayer,
  zeroWeights,
} from "./shared/recurrent.js";

export const simpleRnn: RecurrentKind<SimpleRnnLayer> = {
  make: ({ layers, activationOf }, p) =>
    layers.simpleRNN({
      units: p.units,
      activation: activationOf(p.activation),
      useBias: p.useBias,
      returnSequences: p.returnSequences,
      goBackwards: p.goBackwards,
      ...zeroWeights,
    }),
  initializers: gateInitializers,
  regularizers: gateRegularizers,
  library: ({ inLibrary }, layer, p) => (inLibrary(p.activation) ? [{ layer }] : null),
};

export default recurrentLayer(simpleRnn);
