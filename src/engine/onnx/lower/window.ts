import type { Node, Value } from "../ir.js";

/** How a window slides over images: of each list, height first, then width. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  /** Sizes of the images, and of what comes out. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** The window of one of the image operators of convolution. */
export function convWindow(node: Node): Window {
  const [a, b] = node.inputs as [Value, Value];
  switch (node.op) {
    case "image.Conv":
      return windowOf(node, b.shape, a.shape, node.outputs[0]?.shape ?? []);
    case "image.ConvFilterGrad":
      return windowOf(node, node.attributes.filter as readonly number[], a.shape, b.shape);
    default:
      return windowOf(node, b.shape, node.attributes.input as readonly number[], a.shape);
  }
}

function windowOf(node: Node, filter: readonly number[], input: readonly number[], output: readonly number[]): Window {
  return {
    kernel: filter.slice(0, 2),
    strides: node.attributes.strides as readonly number[],
    dilations: node.attributes.dilations as readonly number[],
    pads: node.attributes.pads as readonly number[],
    input: input.slice(1, 3),
    output: output.slice(1, 3),
  };
}

/** ONNX's attributes for it. */
export function windowAttributes({ kernel, strides, dilations, pads }: Window) {
  return { kernel_shape: kernel, strides, dilations, pads };
}

/** With it a ConvTranspose gives images of the size that they had, where strides do not divide it. */
export function outputPadding(w: Window): readonly number[] {
  return w.input.map((size, i) => {
    const reach = (at(w.kernel, i) - 1) * at(w.dilations, i) + 1;
    const natural = (at(w.output, i) - 1) * at(w.strides, i) + reach - at(w.pads, i) - at(w.pads, i + 2);
    return size - natural;
  });
}

function at(list: readonly number[], index: number): number {
  return list[index] as number;
}
