/** The activations that end an output, by what a loss takes. */
export const heads: Readonly<Record<string, { readonly names: readonly string[]; readonly why: string }>> = {
  unit: { names: ["sigmoid", "hardSigmoid", "hardSigmoid6", "softmax"], why: "outputs between 0 and 1" },
  distribution: { names: ["softmax"], why: "probabilities that sum to 1" },
};
