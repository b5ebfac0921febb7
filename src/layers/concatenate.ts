import { defineLayer, err, ok } from "../layer.js";
import { merging, oddInput } from "./shared/merging.js";
import { lastOf } from "./shared/sizes.js";

export default defineLayer({
  ...merging,
  shape(_, shapes) {
    const [first = []] = shapes;
    const rest = first.slice(0, -1).join();
    const odd = shapes.findIndex((shape) => shape.slice(0, -1).join() !== rest || shape.length !== first.length);
    if (odd >= 0) return err(oddInput(shapes, odd, "inputs that differ in the last dimension only"));
    return ok([...first.slice(0, -1), shapes.reduce((sum, shape) => sum + lastOf(shape), 0)]);
  },
  own: {
    call: ({ tf }, inputs) => tf.concat([...inputs], -1),
    library: ({ layers }) => [{ layer: layers.concatenate({ axis: -1 }) }],
  },
});
