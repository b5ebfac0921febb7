/**
 * A picture `[height, width]` has one channel, and layers of pictures take `[height, width, channels]`: it gets the axis
 * where such a layer asks for it. Plan and engine follow these rules alike.
 */

/** The facts of a layer on which this depends. */
interface Facts {
  /** Whether its output is a picture without channels: always, or where its input was one. */
  readonly picture?: "makes" | "keeps";
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
export function leavesPicture({ picture }: Facts, output: readonly number[], wasPicture: boolean): boolean {
  return output.length === 2 && (picture === "makes" || (wasPicture && picture === "keeps"));
}

/** Whether a decoder's output is the picture that came in, with the axis of its one channel. */
export function isPictureWithChannel(output: readonly number[], input: readonly number[]): boolean {
  return input.length === 2 && String(output) === String([...input, 1]);
}

/** What items of this shape are: those with a height and a width are pictures. */
export function inputMeaning(shape: readonly number[]): "image" | "number" {
  return shape.length === 2 || shape.length === 3 ? "image" : "number";
}
