/** Most classes that labels can number: larger numbers are taken for values. */
export const MOST_CLASSES = 65_536;

/**
 * Whether labels, which are whole numbers, are values to predict: where one output is compared with them by a distance.
 * Of two classes the label is then 0 or 1, and an output on its side of ½ is right: those stay classes.
 * @param outputs of the model for an item.
 * @param classes how many there are, or null where that is not known.
 * @param distance whether the loss is one between numbers, such as the squared error.
 */
export function labelsAreNumbers(outputs: number, classes: number | null, distance: boolean): boolean {
  return outputs === 1 && distance && classes !== 2;
}
