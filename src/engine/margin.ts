/** Probabilities are kept this far from 0 in logarithms, where there are no logits to compute with. */
export const PROBABILITY_MARGIN = 1e-7;
