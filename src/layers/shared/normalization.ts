import type { Initializer } from "../../gen/initializers.js";
import type { BatchNormalizationLayer } from "../../gen/layers.js";
import type { Regularizer } from "../../gen/shared.js";

/** What normalizations have in common: y = gamma · normalized(x) + beta, either of which can be switched off. */
type Normalization = Pick<
  BatchNormalizationLayer,
  "center" | "scale" | "betaInitializer" | "gammaInitializer" | "betaRegularizer" | "gammaRegularizer"
>;

export function idleWeights({ center, scale }: Normalization): readonly string[] {
  return [...(center ? [] : ["beta"]), ...(scale ? [] : ["gamma"])];
}

/** A weight that is switched off keeps the value that changes nothing. */
export function initializersOf(p: Normalization): { readonly beta: Initializer; readonly gamma: Initializer } {
  return { beta: p.center ? p.betaInitializer : { zeros: {} }, gamma: p.scale ? p.gammaInitializer : { ones: {} } };
}

/** Of the weights that are there: an idle one is no part of the loss. */
export function regularizersUsed(p: Normalization): Readonly<Record<"beta" | "gamma", Regularizer | undefined>> {
  return { beta: p.center ? p.betaRegularizer : undefined, gamma: p.scale ? p.gammaRegularizer : undefined };
}
