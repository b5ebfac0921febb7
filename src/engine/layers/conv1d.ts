import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { Conv1DLayer } from "../../gen/layers.js";
import { activationOf } from "../activations.js";
import { dilateByKernel } from "../dilation.js";
import { type LayerKind, stockLayer } from "../layer.js";
import type { LibraryLayer } from "../library.js";

const stock = stockLayer<Conv1DLayer>({
  make: (p) =>
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
  built: (layer, p) => dilateByKernel(layer, "kernel", p.dilationRate),
});

/** Causal padding is zeros in front of the sequence, so that no output sees a later input; the library has none. */
const conv1d: LayerKind = {
  build(spec, inputShape, buildBranch) {
    const params = spec.params as Conv1DLayer;
    if (params.padding !== "causal") return stock.build(spec, inputShape, buildBranch);
    const zeros = (params.kernelSize - 1) * params.dilationRate;
    const [steps, channels] = inputShape as [number, number];
    const valid = { ...spec, params: { ...params, padding: "valid" } };
    const inner = stock.build(valid, [steps + zeros, channels], buildBranch);
    const padded = (x: tf.Tensor) =>
      tf.pad(x, [
        [0, 0],
        [zeros, 0],
        [0, 0],
      ]);
    const library = () => [...zerosInFront(steps, channels, zeros), ...(inner.library() ?? [])];
    return { ...inner, spec, inputShape, call: (x, pass) => inner.call(padded(x), pass), library };
  },
};
export default conv1d;

/** The library pads images only: the sequence becomes one of width 1. */
function zerosInFront(steps: number, channels: number, zeros: number): LibraryLayer[] {
  const padding = [
    [zeros, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  return [
    { layer: layers.reshape({ targetShape: [steps, 1, channels] }) },
    { layer: layers.zeroPadding2d({ padding }) },
    { layer: layers.reshape({ targetShape: [steps + zeros, channels] }) },
  ];
}
