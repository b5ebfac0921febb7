/**
 * A picture `[height, width]` has one channel, and layers of pictures take `[height, width, channels]`: it gets the axis
 * where such a layer asks for it. Plan and engine follow these rules alike.
 */

/** What a layer's schema says of its shape (`x-pipe`). */
interface Facts {
  /** The rule that its output follows. */
  readonly shape: string;
  /** How many dimensions its input has besides channels. */
  readonly rank?: number;
}

/** Whether the layer's input must get a last axis of 1 first. */
export function lacksChannels({ rank }: Facts, input: readonly number[], isPicture: boolean): boolean {
  return isPicture && rank === 2 && input.length === 2;
}

/**
 * Whether a layer's output is a picture without channels. What other layers make of two dimensions, such as
 * `[steps, units]`, is none: its last axis holds features.
 */
export function leavesPicture({ shape }: Facts, output: readonly number[], wasPicture: boolean): boolean {
  return output.length === 2 && (shape === "reshape" || (wasPicture && (shape === "same" || shape === "permute")));
}

/** Whether a decoder's output is the picture that came in, with the axis of its one channel. */
export function isPictureWithChannel(output: readonly number[], input: readonly number[]): boolean {
  return input.length === 2 && String(output) === String([...input, 1]);
}
