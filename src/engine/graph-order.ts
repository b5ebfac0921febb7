import type { GraphSpec } from "../artifact/graph.js";
import { own } from "../base/json.js";

/**
 * Names of nodes, each after those that it takes from or shares weights with. Starting at the outputs by their names,
 * sources are followed in the order in which a node names them: the order in which a graph was written down changes
 * nothing.
 */
export function nodeOrder({ nodes, outputs }: Pick<GraphSpec, "nodes" | "outputs">): readonly string[] {
  const order = new Set<string>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    const node = own(nodes, name);
    if (node === undefined || order.has(name)) return;
    if (open.has(name)) throw new Error(`the node ${name} takes its own result`);
    open.add(name);
    for (const source of node.from) visit(source);
    if (node.sharedWith !== undefined) visit(node.sharedWith);
    order.add(name);
  };
  for (const name of Object.keys(outputs).sort()) visit((outputs[name] as { node: string }).node);
  return [...order];
}
