import { defineLayer } from "../layer.js";
import { globalPoolShape } from "./shared/windows.js";

export default defineLayer({
  shape: globalPoolShape,
  rank: 2,
  stock: { make: ({ layers }) => layers.globalAveragePooling2d({}) },
});
