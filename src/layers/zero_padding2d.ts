import type { ZeroPadding2DLayer } from "../gen/layers.js";
import { defineLayer, ok } from "../layer.js";
import { bothSides } from "./shared/sides.js";

export default defineLayer<ZeroPadding2DLayer>({
  shape({ padding }, [input]) {
    const [height, width, channels] = input as [number, number, number];
    const [[top, bottom], [left, right]] = bothSides(padding);
    return ok([height + top + bottom, width + left + right, channels]);
  },
  rank: 2,
  stock: { make: ({ layers }, { padding }) => layers.zeroPadding2d({ padding }) },
});
