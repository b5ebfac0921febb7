import { layers } from "@tensorflow/tfjs-layers";
import type { ActivationLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { stockLayer } from "../layer.js";

export default stockLayer<ActivationLayer>({
  make: (p) => layers.activation({ activation: activationOf(p.activation) }),
});
