import * as tf from "@tensorflow/tfjs-core";

type Shape4D = [number, number, number, number];
type Window = ReturnType<typeof tf.backend_util.computePool2DInfo>;
type Spread = (dx: Float32Array, dy: Float32Array, x: Float32Array, window: Window) => void;

/**
 * Puts gradients of ours in place of those of TensorFlow.js's backends that are wrong: its mean divides by the whole
 * window also where that hangs over the border, and in WebAssembly its maximum has no gradient where all is negative.
 */
export function mendPooling(backendName: "cpu" | "wasm"): void {
  replaceKernel("AvgPoolGrad", backendName, "input", spreadMean);
  if (backendName === "wasm") replaceKernel("MaxPoolGrad", backendName, "input", spreadMaximum);
}

function replaceKernel(kernelName: string, backendName: string, input: string, spread: Spread): void {
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc({ inputs, backend, attrs }) {
      const computing = backend as tf.KernelBackend;
      const x = inputs[input] as tf.TensorInfo;
      const dx = new Float32Array(tf.util.sizeFromShape(x.shape));
      const read = (info: tf.TensorInfo) => computing.readSync(info.dataId) as Float32Array;
      spread(dx, read(inputs.dy as tf.TensorInfo), read(x), windowOf(x.shape as Shape4D, attrs ?? {}));
      return { dataId: computing.write(dx, x.shape, "float32"), shape: x.shape, dtype: "float32" };
    },
  });
}

function windowOf(shape: Shape4D, { filterSize, strides, pad, dimRoundingMode }: tf.NamedAttrMap): Window {
  return tf.backend_util.computePool2DInfo(
    shape,
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "valid" | "same",
    dimRoundingMode as "floor" | undefined,
  );
}

function spreadMean(dx: Float32Array, dy: Float32Array, _x: Float32Array, window: Window): void {
  forEachOutput(window, (out, places) => {
    for (let channel = 0; channel < window.inChannels; channel++) {
      const share = (dy[out + channel] as number) / places.length;
      for (const place of places) dx[place + channel] = (dx[place + channel] as number) + share;
    }
  });
}

/** To the first of equal maxima. */
function spreadMaximum(dx: Float32Array, dy: Float32Array, x: Float32Array, window: Window): void {
  forEachOutput(window, (out, places) => {
    for (let channel = 0; channel < window.inChannels; channel++) {
      let best = (places[0] as number) + channel;
      for (const place of places) {
        if ((x[place + channel] as number) > (x[best] as number)) best = place + channel;
      }
      dx[best] = (dx[best] as number) + (dy[out + channel] as number);
    }
  });
}

/** Every pixel of the output, and the pixels of the input that are under its window, in their order: their first elements. */
function forEachOutput(window: Window, visit: (out: number, places: readonly number[]) => void): void {
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels: channels, padInfo } = window;
  const rows = spans(outHeight, inHeight, window.strideHeight, window.filterHeight, padInfo.top);
  const columns = spans(outWidth, inWidth, window.strideWidth, window.filterWidth, padInfo.left);
  let out = 0;
  for (let image = 0; image < batchSize; image++) {
    for (const row of rows) {
      for (const column of columns) {
        visit(
          out,
          row.flatMap((y) => column.map((x) => ((image * inHeight + y) * inWidth + x) * channels)),
        );
        out += channels;
      }
    }
  }
}

/** The places of the input under each position of a window along one axis. */
function spans(outputs: number, inputs: number, stride: number, filter: number, before: number): number[][] {
  return Array.from({ length: outputs }, (_, i) => {
    const start = i * stride - before;
    const end = Math.min(start + filter, inputs);
    const from = Math.max(start, 0);
    return Array.from({ length: end - from }, (_, k) => from + k);
  });
}
