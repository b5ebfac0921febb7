import type { PermuteLayer } from "../gen/layers.js";
import { defineLayer, err, ok, type Shape } from "../layer.js";
import { show } from "./shared/sizes.js";

export default defineLayer<PermuteLayer>({
  shape({ dims }, inputs) {
    const [input] = inputs as [Shape];
    const wanted = input.map((_, i) => i + 1);
    if (String([...dims].sort((a, b) => a - b)) === String(wanted))
      return ok(dims.map((dim) => input[dim - 1] as number));
    return err({
      path: ["dims"],
      received: `input ${show(input)}, dims ${show(dims)}`,
      expected: `each of ${wanted.join(", ")} once`,
      fix: "Change `dims`.",
    });
  },
  picture: "keeps",
  keeps: "numbers",
  stock: { make: ({ layers }, { dims }) => layers.permute({ dims }) },
});
