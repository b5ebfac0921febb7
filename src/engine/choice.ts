/** The kind that was chosen, and its parameters: YAML's `{ adam: { learningRate: 0.01 } }` taken apart. */
export function chosen<C extends object>(choice: C): { readonly kind: string; readonly params: unknown } {
  const [entry] = Object.entries(choice);
  if (entry === undefined) throw new Error("a choice of a kind must name one");
  return { kind: entry[0], params: entry[1] };
}
