import { defineLayer } from "../layer.js";
import { equalShapes, merging } from "./shared/merging.js";

export default defineLayer({
  ...merging,
  shape: equalShapes,
  own: {
    call: ({ tf }, inputs) => tf.addN([...inputs]),
    library: ({ layers }) => [{ layer: layers.add() }],
  },
});
