import type { Graph } from "../ir.js";
import { type Rewrite, withoutDead } from "./rewrite.js";

export type { Rewrite } from "./rewrite.js";

export const ALL_REWRITES: readonly Rewrite[] = [];

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
