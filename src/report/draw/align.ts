import type { Model } from "../../artifact/types.js";
import { type Frame, type GraphNode, modelGraph } from "./model-graph.js";

/** One box of a diagram. */
export interface LayerBox {
  /** Which row of the common diagram it is: equal in all models that have it. */
  readonly row: number;
  /** Id of the frame that it lies in; empty outside of all. */
  readonly frame: string;
  readonly title: string;
  /** Shape that it gives. */
  readonly shape: string;
  readonly detail: string;
  /** What differs from the first model: `was 64`, or that one of the two lacks it; null where nothing does. */
  readonly change: string | null;
}

/** A frame of a diagram, and what differs from the first model, as in a box. */
export interface LayerFrame extends Frame {
  readonly change: string | null;
}

export type Edge = readonly [from: number, to: number];

/** Several models laid over one common graph, so that equal layers stand at the same height. */
export interface Alignment {
  readonly rows: number;
  /** Of each model, from row to row: its own connections, none of another's. */
  readonly edges: readonly (readonly Edge[])[];
  readonly boxes: readonly (readonly LayerBox[])[];
  readonly frames: readonly (readonly LayerFrame[])[];
}

/** The first model is the one that the others are held against. */
export function alignModels(models: readonly Model[]): Alignment {
  const drawn = models.map(modelGraph);
  const graphs = drawn.map(({ nodes }) => nodes);
  // Rows grow by one model at a time: what a model has and the rows lack is put in where it stands there.
  let rows: (number | null)[][] = (graphs[0] ?? []).map((_, i) => [i]);
  for (let m = 1; m < graphs.length; m++) rows = merged(rows, graphs, m);
  const rowOf = graphs.map((graph, m) => graph.map((_, n) => rows.findIndex((row) => row[m] === n)));
  const edges = graphs.map((graph, m) => {
    const found = new Map<string, Edge>();
    graph.forEach(({ from }, n) => {
      for (const source of from) {
        const edge = [rowOf[m]?.[source] as number, rowOf[m]?.[n] as number] as const;
        found.set(edge.join(), edge);
      }
    });
    return [...found.values()];
  });
  const boxes = graphs.map((graph, m) =>
    graph.map((node, n): LayerBox => {
      const row = rowOf[m]?.[n] as number;
      const { frame, title, shape, detail } = node;
      return { row, frame, title, shape, detail, change: changeIn(graphs, rows[row] as (number | null)[], m) };
    }),
  );
  const [first] = drawn;
  const frames = drawn.map(({ frames }) =>
    frames.map((frame) => ({ ...frame, change: changeOfFrame(frame, first?.frames) })),
  );
  return { rows: rows.length, edges, boxes, frames };
}

/** Whether there is a layer, and not only an input, that stands in both: else nothing can be held against anything. */
export function haveCommonLayer(a: Model, b: Model): boolean {
  const layers = (model: Model) => modelGraph(model).nodes.flatMap(({ key, from }) => (from.length > 0 ? [key] : []));
  const known = new Set(layers(a));
  return layers(b).some((key) => known.has(key));
}

function changeOfFrame({ id, times }: Frame, first: readonly Frame[] = []): string | null {
  const theirs = first.find((frame) => frame.id === id);
  return theirs === undefined || theirs.times === times ? null : `was ${theirs.times || "×1"}`;
}

function changeIn(
  graphs: readonly (readonly GraphNode[])[],
  row: readonly (number | null)[],
  m: number,
): string | null {
  if (graphs.length > 1 && row.filter((n) => n !== null).length === 1) return "only here";
  if (m === 0) return null;
  const [first, own] = [row[0] ?? null, row[m] as number];
  return first === null ? "added" : changeOf(graphs[m]?.[own] as GraphNode, graphs[0]?.[first] as GraphNode);
}

function changeOf(node: GraphNode, first: GraphNode): string | null {
  const was = [
    ...(node.title === first.title ? [] : [first.title]),
    ...(node.shape === first.shape ? [] : [first.shape]),
    ...(node.detail === first.detail || node.shape !== first.shape ? [] : [first.detail.replace(" parameters", "")]),
  ];
  return was.length > 0 ? `was ${was.join(", ")}` : null;
}

/** Longest common subsequence of the rows' keys and the next model's. */
function merged(
  rows: readonly (number | null)[][],
  graphs: readonly (readonly GraphNode[])[],
  m: number,
): (number | null)[][] {
  const next = graphs[m] as readonly GraphNode[];
  const keys = rows.map((row) => {
    const other = row.findIndex((n) => n !== null && n !== undefined);
    return graphs[other]?.[row[other] as number]?.key;
  });
  const length = Array.from({ length: rows.length + 1 }, () => new Array<number>(next.length + 1).fill(0));
  for (let i = rows.length - 1; i >= 0; i--) {
    for (let k = next.length - 1; k >= 0; k--) {
      const same = keys[i] === next[k]?.key;
      const best = Math.max(length[i + 1]?.[k] as number, length[i]?.[k + 1] as number);
      (length[i] as number[])[k] = same ? Math.max(best, 1 + (length[i + 1]?.[k + 1] as number)) : best;
    }
  }
  const out: (number | null)[][] = [];
  const blank = (): (number | null)[] => new Array(m).fill(null);
  let [i, k] = [0, 0];
  while (i < rows.length || k < next.length) {
    const here = length[i]?.[k] ?? 0;
    if (
      i < rows.length &&
      k < next.length &&
      keys[i] === next[k]?.key &&
      here === 1 + (length[i + 1]?.[k + 1] as number)
    ) {
      out.push([...(rows[i++] as (number | null)[]), k++]);
    } else if (
      k >= next.length ||
      (i < rows.length && (length[i + 1]?.[k] as number) >= (length[i]?.[k + 1] as number))
    ) {
      out.push([...(rows[i++] as (number | null)[]), null]);
    } else out.push([...blank(), k++]);
  }
  return out;
}
