import type { LstmLayer } from "../gen/layers.js";
import type { InitialFill } from "../layer.js";
import {
  gateInitializers,
  gateRegularizers,
  type RecurrentKind,
  recurrentLayer,
  zeroWeights,
} from "./shared/recurrent.js";

export const lstm: RecurrentKind<LstmLayer> = {
  make: ({ layers, activationOf }, p) =>
    layers.lstm({
      units: p.units,
      activation: activationOf(p.activation),
      recurrentActivation: activationOf(p.recurrentActivation),
      useBias: p.useBias,
      returnSequences: p.returnSequences,
      goBackwards: p.goBackwards,
      unitForgetBias: false,
      ...zeroWeights,
    }),
  /** Its bias is [input, forget, candidate, output]; a forget bias of 1 keeps the state at first (Jozefowicz et al. 2015). */
  initializers(p, { initialValues }) {
    const bias: InitialFill = (shape, stream) => {
      const values = initialValues(p.biasInitializer, shape, stream);
      return p.unitForgetBias ? values.fill(1, p.units, 2 * p.units) : values;
    };
    return { ...gateInitializers(p), bias };
  },
  regularizers: gateRegularizers,
  library: ({ inLibrary }, layer, p) =>
    inLibrary(p.activation) && inLibrary(p.recurrentActivation) ? [{ layer }] : null,
};

export default recurrentLayer(lstm);
