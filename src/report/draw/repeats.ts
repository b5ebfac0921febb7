import type { Model, ModelGroup, ModelNode } from "../../artifact/graph.js";
import { canonicalJson, type Json } from "../../base/json.js";

/** What comes several times in a row, drawn once. */
export interface Repeat {
  readonly times: number;
  /** All of them compute with the first one's weights. */
  readonly shared: boolean;
}

/** A model of which only the first of equal pieces in a row is left. */
export interface Shortened {
  readonly nodes: readonly ModelNode[];
  readonly groups: readonly ModelGroup[];
  /** Of groups and of single layers, by name. */
  readonly repeats: ReadonlyMap<string, Repeat>;
  /** The node that is drawn in the place of one that is left out. */
  standIn(name: string): string;
}

/** Single layers are collected from this many on: fewer are as quickly read one by one. */
const LAYERS = 4;

/** A group, or a layer that stands alone: what is compared with what follows it. */
interface Piece {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly output: string;
  readonly least: number;
  /** The groups that it lies in: pieces of different ones are no run. */
  readonly within: string;
}

/**
 * Finds groups of one block, and single layers, that follow each other with equal contents, where nothing but the next one
 * takes what each gives.
 */
export function withoutRepeats(model: Model): Shortened {
  const gone = new Map<string, string>();
  const repeats = new Map<string, Repeat>();
  const takers = takersOf(model);
  for (const pieces of piecesOf(model)) {
    for (let i = 0; i < pieces.length; i++) {
      const first = pieces[i] as Piece;
      if (first.nodes.some(({ name }) => gone.has(name))) continue;
      const left = pieces.filter(
        ({ nodes, within }) => within === first.within && !nodes.some((node) => gone.has(node.name)),
      );
      const run = runOf(first, left, takers);
      if (run.length < first.least) continue;
      const copies = run.slice(1).flatMap(({ nodes }) => nodes);
      repeats.set(first.name, { times: run.length, shared: copies.every(isShared) });
      run.slice(1).forEach(({ nodes }) => {
        nodes.forEach((node, k) => void gone.set(node.name, (first.nodes[k] as ModelNode).name));
      });
    }
  }
  const standIn = (name: string): string => gone.get(name) ?? name;
  return {
    nodes: model.nodes.filter(({ name }) => !gone.has(name)),
    groups: model.groups.flatMap((group) => {
      const nodes = group.nodes.filter((name) => !gone.has(name));
      return nodes.length === 0 ? [] : [{ ...group, nodes }];
    }),
    repeats,
    standIn,
  };
}

/** Groups of blocks, the largest first; then layers that lie in the same groups. */
function piecesOf(model: Model): readonly (readonly Piece[])[] {
  const byName = new Map(model.nodes.map((node) => [node.name, node]));
  const blocks = model.groups
    .filter(({ block, output }) => block !== undefined && output !== undefined)
    .map(({ name, nodes, output }): Piece => {
      const members = nodes.map((node) => byName.get(node) as ModelNode);
      return { name, nodes: members, output: output as string, least: 2, within: groupsAround(model, nodes) };
    });
  const sizes = [...new Set(blocks.map(({ nodes }) => nodes.length))].sort((a, b) => b - a);
  const layers = model.nodes.map((node): Piece => {
    const { name } = node;
    return { name, nodes: [node], output: name, least: LAYERS, within: groupsAround(model, [name]) };
  });
  return [...sizes.map((size) => blocks.filter(({ nodes }) => nodes.length === size)), layers];
}

function groupsAround({ groups }: Model, nodes: readonly string[]): string {
  const around = groups.filter((group) => {
    const larger = nodes.length === 1 || group.nodes.length > nodes.length;
    return larger && nodes.every((name) => group.nodes.includes(name));
  });
  return around.map(({ name }) => name).join();
}

function runOf(first: Piece, pieces: readonly Piece[], takers: Takers): readonly Piece[] {
  const run = [first];
  for (;;) {
    const last = run.at(-1) as Piece;
    const taker = onlyTakers(last, takers);
    const next = taker === null ? undefined : pieces.find((piece) => taker.every((name) => placeIn(piece, name) >= 0));
    if (next === undefined || run.includes(next) || !isEqual(next, last, first)) return run;
    run.push(next);
  }
}

/** What takes the piece's output; null where nothing does, or where something takes what is inside of the piece. */
function onlyTakers(piece: Piece, takers: Takers): readonly string[] | null {
  const own = new Set(piece.nodes.map(({ name }) => name));
  const outside = (name: string) => [...(takers.get(name) ?? [])].filter((taker) => !own.has(taker));
  const inner = piece.nodes.some(({ name }) => name !== piece.output && outside(name).length > 0);
  const found = outside(piece.output);
  return inner || found.length === 0 ? null : found;
}

/** Equal to `first` but for taking what `last` gives. */
function isEqual(piece: Piece, last: Piece, first: Piece): boolean {
  return (
    piece.nodes.length === first.nodes.length && piece.nodes.every((node, i) => isCopy(node, i, piece, last, first))
  );
}

function isCopy(node: ModelNode, i: number, piece: Piece, last: Piece, first: Piece): boolean {
  const model = first.nodes[i] as ModelNode;
  if (contentOf(node) !== contentOf(model) || node.from.length !== model.from.length) return false;
  if (node.sharedWith === undefined ? node.parameters !== model.parameters : !sharesWith(node, model)) return false;
  return node.from.every((source, k) => {
    const theirs = model.from[k] as string;
    const [at, there] = [placeIn(piece, source), placeIn(first, theirs)];
    if (at >= 0 || there >= 0) return at === there;
    return source === last.output || source === theirs;
  });
}

function sharesWith(node: ModelNode, model: ModelNode): boolean {
  return node.sharedWith === model.name || node.sharedWith === model.sharedWith;
}

function placeIn({ nodes }: Piece, name: string): number {
  return nodes.findIndex((node) => node.name === name);
}

function contentOf({ kind, params, shape, trainable }: ModelNode): string {
  return canonicalJson({ kind, params, shape, trainable } as unknown as Json);
}

function isShared({ parameters, sharedWith }: ModelNode): boolean {
  return parameters === 0 && sharedWith !== undefined;
}

/** Node → those that take it; an output of the model is one. */
type Takers = ReadonlyMap<string, ReadonlySet<string>>;

function takersOf({ nodes, outputs }: Model): Takers {
  const takers = new Map<string, Set<string>>();
  const add = (source: string, taker: string): void => {
    takers.set(source, (takers.get(source) ?? new Set()).add(taker));
  };
  for (const { name, from } of nodes) for (const source of from) add(source, name);
  for (const { name, node } of outputs) add(node, `output ${name}`);
  return takers;
}
