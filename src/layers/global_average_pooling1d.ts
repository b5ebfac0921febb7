import { defineLayer } from "../layer.js";
import { globalPoolShape } from "./shared/windows.js";

export default defineLayer({
  shape: globalPoolShape,
  rank: 1,
  stock: { make: ({ layers }) => layers.globalAveragePooling1d({}) },
});
