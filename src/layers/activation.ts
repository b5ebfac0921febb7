import type { ActivationLayer } from "../gen/layers.js";
import { defineLayer } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { sameShape } from "./shared/same.js";

export default defineLayer<ActivationLayer>({
  ...sameShape,
  ...endsActivated(),
  stock: { make: ({ layers, activationOf }, p) => layers.activation({ activation: activationOf(p.activation) }) },
});
