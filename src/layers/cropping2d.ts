import type * as tf from "@tensorflow/tfjs-core";
import type { Cropping2DLayer } from "../gen/layers.js";
import { defineLayer, ok } from "../layer.js";
import { nothingLeft } from "./shared/nothing-left.js";
import { bothSides } from "./shared/sides.js";

export default defineLayer<Cropping2DLayer>({
  shape({ cropping }, [input]) {
    const [height, width, channels] = input as [number, number, number];
    const [[top, bottom], [left, right]] = bothSides(cropping);
    const [rows, columns] = [height - top - bottom, width - left - right];
    return rows > 0 && columns > 0 ? ok([rows, columns, channels]) : nothingLeft([height, width, channels], cropping);
  },
  rank: 2,
  keeps: "range",
  own: {
    call({ tf }, inputs, { cropping }) {
      const [x] = inputs as [tf.Tensor4D];
      const [[top, bottom], [left, right]] = bothSides(cropping);
      const [batch, height, width, channels] = x.shape;
      return tf.slice(x, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
    },
    library({ layers }, { cropping }) {
      const [height, width] = bothSides(cropping);
      return [{ layer: layers.cropping2D({ cropping: [[...height], [...width]] }) }];
    },
  },
});
