import type * as tf from "@tensorflow/tfjs-core";
import type { Conv1DLayer } from "../gen/layers.js";
import { defineLayer, type Kit, type LibraryLayer, type Shape, type StockLayer } from "../layer.js";
import { endsActivated } from "./shared/activated.js";
import { ofColumn } from "./shared/columns.js";
import { convCost, convShape } from "./shared/windows.js";

const stock: StockLayer<Conv1DLayer> = {
  make: ({ layers, activationOf }, p) =>
    layers.conv1d({
      filters: p.filters,
      kernelSize: p.kernelSize,
      strides: p.strides,
      padding: p.padding,
      dilationRate: p.dilationRate,
      activation: activationOf(p.activation),
      useBias: p.useBias,
    }),
  initializers: (p) => ({ kernel: p.kernelInitializer, bias: p.biasInitializer }),
  regularizers: (p) => ({ kernel: p.kernelRegularizer, bias: p.biasRegularizer }),
  built: ({ dilateByKernel }, layer, p) => dilateByKernel(layer, "kernel", p.dilationRate),
};

/** Causal padding is zeros in front of the sequence, so that no output sees a later input; the library has none. */
export default defineLayer<Conv1DLayer>({
  shape: (p, [input]) => convShape(p, input as Shape, () => p.filters),
  rank: 1,
  ...endsActivated(),
  cost: convCost,
  build(kit, spec, inputShapes) {
    const params = spec.params as Conv1DLayer;
    if (params.padding !== "causal") return kit.buildStock(stock, spec, inputShapes);
    const zeros = (params.kernelSize - 1) * params.dilationRate;
    const [[steps, channels]] = inputShapes as [[number, number]];
    const valid = { ...spec, params: { ...params, padding: "valid" } };
    const inner = kit.buildStock(stock, valid, [[steps + zeros, channels]]);
    const padded = (x: tf.Tensor) =>
      kit.tf.pad(x, [
        [0, 0],
        [zeros, 0],
        [0, 0],
      ]);
    return {
      ...inner,
      spec,
      inputShapes,
      call: ([x], pass) => inner.call([padded(x as tf.Tensor)], pass),
      library: () => [...zerosInFront(kit, steps, channels, zeros), ...(inner.library() ?? [])],
    };
  },
});

/** The library pads images only. */
function zerosInFront(kit: Kit, steps: number, channels: number, zeros: number): LibraryLayer[] {
  const padding = [
    [zeros, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  return ofColumn(kit, kit.layers.zeroPadding2d({ padding }), [steps, channels], steps + zeros);
}
