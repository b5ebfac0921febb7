import { layers } from "@tensorflow/tfjs-layers";
import type { LstmLayer } from "../../gen/layers.js";
import { activationOf, inLibrary } from "../activations.js";
import { initialValues } from "../initializers.js";
import type { InitialFill } from "../layer.js";
import { gateRegularizers, type RecurrentKind, recurrentLayer, zeroWeights } from "../recurrent.js";

export const lstm: RecurrentKind<LstmLayer> = {
  make: (p) =>
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
  initializers(p) {
    const bias: InitialFill = (shape, stream) => {
      const values = initialValues(p.biasInitializer, shape, stream);
      return p.unitForgetBias ? values.fill(1, p.units, 2 * p.units) : values;
    };
    return { kernel: p.kernelInitializer, recurrent_kernel: p.recurrentInitializer, bias };
  },
  regularizers: gateRegularizers,
  library: (layer, p) => (inLibrary(p.activation) && inLibrary(p.recurrentActivation) ? [{ layer }] : null),
};

export default recurrentLayer(lstm);
