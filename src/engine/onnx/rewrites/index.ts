import type { Graph } from "../ir.js";
import { lower } from "../lower/index.js";
import { commonSubexpressions } from "./common-subexpressions.js";
import { convProducts } from "./conv-products.js";
import { fewerLogarithms } from "./fewer-logarithms.js";
import { gemmBias } from "./gemm-bias.js";
import { identities } from "./identities.js";
import { packSmallState } from "./pack-small-state.js";
import { poolEarly } from "./pool-early.js";
import { type Rewrite, withoutDead } from "./rewrite.js";
import { scalarDivision } from "./scalar-division.js";
import { scalarOperands } from "./scalar-operands.js";
import { scaledGradients } from "./scaled-gradients.js";
import { sharedSigmoid } from "./shared-sigmoid.js";
import { softplus } from "./softplus.js";

export type { Rewrite } from "./rewrite.js";

/** Rewrites of the graph as it was traced, image operators and all, in the order in which they help each other. */
const BEFORE_LOWERING: readonly Rewrite[] = [
  softplus,
  scalarOperands,
  identities,
  scalarDivision,
  commonSubexpressions,
  poolEarly,
  commonSubexpressions,
  convProducts,
];

/** Rewrites of the graph in ONNX's operators. */
const AFTER_LOWERING: readonly Rewrite[] = [
  identities,
  commonSubexpressions,
  gemmBias,
  identities,
  fewerLogarithms,
  sharedSigmoid,
  scaledGradients,
  packSmallState,
];

/** All rewrites. Leaving any of them out changes speed, and rounding, but not meaning. */
export const ALL_REWRITES: readonly Rewrite[] = [...new Set([...BEFORE_LOWERING, ...AFTER_LOWERING])];

/**
 * Applies the wanted rewrites, and makes sure that only ONNX's operators are left. `watch` sees the graph after each
 * change: tests check it, people print it.
 */
export function rewriteGraph(
  graph: Graph,
  wanted: readonly Rewrite[] = ALL_REWRITES,
  watch: (name: string, graph: Graph) => void = () => undefined,
): Graph {
  let current = withoutDead(graph);
  const apply = (name: string, change: (graph: Graph) => Graph) => {
    current = change(current);
    watch(name, current);
  };
  for (const rewrite of BEFORE_LOWERING) if (wanted.includes(rewrite)) apply(rewrite.name, rewrite.apply);
  apply("lower", lower);
  for (const rewrite of AFTER_LOWERING) if (wanted.includes(rewrite)) apply(rewrite.name, rewrite.apply);
  return current;
}
