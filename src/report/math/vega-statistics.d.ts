/** The part of Vega's statistics that is used here; the package brings no types. */
declare module "vega-statistics" {
  /** The value below which a share `p` of a normal distribution lies. */
  export function quantileNormal(p: number, mean?: number, deviation?: number): number;
  /** The share of a normal distribution below `value`. */
  export function cumulativeNormal(value: number, mean?: number, deviation?: number): number;
}
