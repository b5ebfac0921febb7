type Sides = readonly [number, number];

/** One number for both ends, or [before, after]. */
export function bothEnds(value: number | readonly number[]): Sides {
  return typeof value === "number" ? [value, value] : [value[0] as number, value[1] as number];
}

/** [[top, bottom], [left, right]] of one number for all sides, [height, width], or the four themselves. */
export function bothSides(value: number | readonly (number | readonly number[])[]): readonly [Sides, Sides] {
  const [height = 0, width = 0] = typeof value === "number" ? [value, value] : value;
  return [bothEnds(height), bothEnds(width)];
}
