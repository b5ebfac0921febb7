import type { Graph } from "../ir.js";
import { commonSubexpressions } from "./common-subexpressions.js";
import { fewerLogarithms } from "./fewer-logarithms.js";
import { gemmBias } from "./gemm-bias.js";
import { identities } from "./identities.js";
import { type Rewrite, withoutDead } from "./rewrite.js";
import { scalarDivision } from "./scalar-division.js";
import { scalarOperands } from "./scalar-operands.js";
import { softplus } from "./softplus.js";

export type { Rewrite } from "./rewrite.js";

/** All rewrites, in the order in which they help each other. Leaving any of them out changes speed, not meaning. */
export const ALL_REWRITES: readonly Rewrite[] = [
  softplus,
  scalarOperands,
  identities,
  scalarDivision,
  commonSubexpressions,
  gemmBias,
  fewerLogarithms,
];

/** Applies rewrites in order. `watch` sees the graph after each one: tests check it, people print it. */
export function rewriteGraph(
  graph: Graph,
  rewrites: readonly Rewrite[] = ALL_REWRITES,
  watch?: (name: string, graph: Graph) => void,
): Graph {
  let current = withoutDead(graph);
  for (const rewrite of rewrites) {
    current = rewrite.apply(current);
    watch?.(rewrite.name, current);
  }
  return current;
}
