import { regularizers } from "@tensorflow/tfjs-layers";
import type { Regularizer } from "../gen/shared.js";

type Penalty = ReturnType<typeof regularizers.l1l2>;

/**
 * The regularizers among a layer's parameters, as tfjs-layers wants them: `regularizersOf(params, "kernel")` is
 * `{ kernelRegularizer: l1·Σ|w| + l2·Σw² }`, or `{}` where none is asked for.
 */
export function regularizersOf<W extends string>(
  params: { readonly [K in `${W}Regularizer`]?: Regularizer },
  ...weights: readonly W[]
): { [K in `${W}Regularizer`]?: Penalty } {
  const out: { [K in `${W}Regularizer`]?: Penalty } = {};
  for (const weight of weights) {
    const given = params[`${weight}Regularizer`];
    // The library's own default is 0.01 for a part that is not named.
    if (given !== undefined)
      out[`${weight}Regularizer`] = regularizers.l1l2({ l1: given.l1 ?? 0, l2: given.l2 ?? 0 }) as Penalty;
  }
  return out;
}
