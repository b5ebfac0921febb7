/**
 * What layers that slide a window make of a shape. With size k, stride s, dilation d and k' = (k − 1)·d + 1: `valid` gives
 * ⌊(n − k') / s⌋ + 1, `same` and `causal` give ⌈n / s⌉. The formulas are those of Keras.
 */
import { err, type MadeLayer, ok, type Result, type Shape, type Unfit } from "../../layer.js";
import { lastOf, show, sizeOf } from "./sizes.js";

type Several = number | readonly number[];

interface Window {
  readonly kernelSize: Several;
  readonly strides: Several;
  readonly dilationRate?: Several;
  readonly padding: "valid" | "same" | "causal";
}

function at(value: Several, axis: number): number {
  return typeof value === "number" ? value : (value[axis] as number);
}

function beyondOne(value: Several): boolean {
  return [value].flat().some((n) => n > 1);
}

/** @param filters from the channels of the input to those of the output. */
export function convShape(window: Window, input: Shape, filters: (channels: number) => number): Result<Shape, Unfit> {
  const { strides, dilationRate = 1 } = window;
  if (beyondOne(strides) && beyondOne(dilationRate)) {
    return err({
      code: "wrong-value",
      says: "cannot have both strides and dilation",
      path: ["dilationRate"],
      received: `strides ${JSON.stringify(strides)}, dilationRate ${JSON.stringify(dilationRate)}`,
      expected: "one of them to be 1",
      fix: "Remove `strides` or `dilationRate`.",
    });
  }
  const windows = windowShape(window, input);
  return windows.ok ? ok([...windows.value.slice(0, -1), filters(lastOf(input))]) : windows;
}

interface Pooling {
  readonly poolSize: Several;
  readonly strides?: Several;
  readonly padding: "valid" | "same";
}

/** Of a pooling with the parameters of Keras: the stride is the window's size unless given. */
export function poolShape({ poolSize, strides = poolSize, padding }: Pooling, [input]: readonly Shape[]) {
  return windowShape({ kernelSize: poolSize, strides, padding }, input as Shape);
}

/** Slides a window over every dimension but the last. */
function windowShape({ kernelSize, strides, dilationRate = 1, padding }: Window, input: Shape): Result<Shape, Unfit> {
  const output = input.slice(0, -1).map((n, i) => {
    const reach = (at(kernelSize, i) - 1) * at(dilationRate, i) + 1;
    const stride = at(strides, i);
    return padding === "valid" ? Math.floor((n - reach) / stride) + 1 : Math.ceil(n / stride);
  });
  if (output.every((n) => n >= 1)) return ok([...output, lastOf(input)]);
  return err({
    says: "has a window larger than its input",
    received: `input ${show(input)} and a window of ${JSON.stringify(kernelSize)}`,
    expected: "a window that fits into the input",
    fix: "Make the window smaller, or write `padding: same`.",
  });
}

export function globalPoolShape(_: unknown, [input]: readonly Shape[]): Result<Shape, Unfit> {
  return ok([lastOf(input as Shape)]);
}

interface WithBias {
  readonly useBias: boolean;
}

/** Weights of the kernel alone: there is a bias a channel unless it is switched off. */
export function kernelWeights({ params, parameters }: MadeLayer<WithBias>, channels: number): number {
  return parameters - (params.useBias === false ? 0 : channels);
}

/** Every kernel weight is used once at every place that the kernel is laid on. */
export function convCost(layer: MadeLayer<WithBias>): number {
  const channels = lastOf(layer.outputShape);
  return (sizeOf(layer.outputShape) / channels) * kernelWeights(layer, channels);
}
