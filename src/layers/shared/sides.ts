type Sides = readonly [number, number];

/** [[top, bottom], [left, right]] of one number for all sides, [height, width], or the four themselves. */
export function bothSides(value: number | readonly (number | readonly number[])[]): readonly [Sides, Sides] {
  const [height, width] = typeof value === "number" ? [value, value] : value;
  const sides = (side: number | readonly number[] = 0): Sides =>
    typeof side === "number" ? [side, side] : [side[0] as number, side[1] as number];
  return [sides(height), sides(width)];
}
