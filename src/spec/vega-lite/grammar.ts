/** The words of Vega-Lite that a chart may use. A test holds them against Vega-Lite's own schema, which is too large to load. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const MARKS = words(`
  arc area bar boxplot circle errorband errorbar geoshape image line point rect rule square text tick trail
`);

export const CHANNELS = words(`
  angle color column description detail facet fill fillOpacity href key latitude latitude2 longitude longitude2
  opacity order radius radius2 row shape size stroke strokeDash strokeOpacity strokeWidth text theta theta2 time tooltip
  url x x2 xError xError2 xOffset y y2 yError yError2 yOffset
`);

export const TYPES = words("geojson nominal ordinal quantitative temporal");

export const AGGREGATES = words(`
  average ci0 ci1 count distinct exponential exponentialb max mean median min missing product q1 q3 stderr stdev stdevp sum
  valid values variance variancep
`);

/** Each by the key that tells it from the others. */
export const TRANSFORMS = words(`
  aggregate bin calculate density extent filter flatten fold impute joinaggregate loess lookup pivot quantile regression
  sample stack timeUnit window
`);
