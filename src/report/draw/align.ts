import type { LayerRecord } from "../../artifact/parts.js";
import { partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import { formatNumber, formatShape } from "../format.js";

/** One box of a diagram. */
export interface LayerBox {
  /** Which row of the common diagram it is: equal in all models that have it. */
  readonly row: number;
  readonly part: string;
  readonly title: string;
  /** Shape that it gives. */
  readonly shape: string;
  readonly detail: string;
  /** What differs from the first model: `was 64`, or that one of the two lacks it; null where nothing does. */
  readonly change: string | null;
}

export type Edge = readonly [from: number, to: number];

/** Several models laid over one common graph, so that equal layers stand at the same height. */
export interface Alignment {
  readonly rows: number;
  /** Of each model, from row to row: its own connections, none of another's. */
  readonly edges: readonly (readonly Edge[])[];
  readonly boxes: readonly (readonly LayerBox[])[];
}

/** A node of one model before it is aligned. `key` decides what may stand beside what. */
interface Node {
  readonly key: string;
  readonly part: string;
  readonly title: string;
  readonly shape: string;
  readonly detail: string;
  /** Numbers of the nodes that it takes its input from. */
  readonly from: readonly number[];
}

/** The first model is the one that the others are held against. */
export function alignModels(models: readonly Model[]): Alignment {
  const graphs = models.map(nodesOf);
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
      const { part, title, shape, detail } = node;
      return { row, part, title, shape, detail, change: changeIn(graphs, rows[row] as (number | null)[], m) };
    }),
  );
  return { rows: rows.length, edges, boxes };
}

function changeIn(graphs: readonly (readonly Node[])[], row: readonly (number | null)[], m: number): string | null {
  if (graphs.length > 1 && row.filter((n) => n !== null).length === 1) return "only here";
  if (m === 0) return null;
  const [first, own] = [row[0] ?? null, row[m] as number];
  return first === null ? "added" : changeOf(graphs[m]?.[own] as Node, graphs[0]?.[first] as Node);
}

function changeOf(node: Node, first: Node): string | null {
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
  graphs: readonly (readonly Node[])[],
  m: number,
): (number | null)[][] {
  const next = graphs[m] as readonly Node[];
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

function nodesOf(model: Model): Node[] {
  const nodes: Node[] = [];
  const add = (node: Node) => nodes.push(node) - 1;
  let last = add({
    key: "input",
    part: "",
    title: "input",
    shape: formatShape(model.inputs[0]?.shape ?? []),
    detail: "",
    from: [],
  });
  const { parts, latent } = partsOf(model);
  for (const part of parts) {
    if (part.name === "latent" && latent) {
      const heads = part.layers.map((layer) => add(layerNode(layer, part.name, [last])));
      const { noise, scale } = latent;
      const sigma = scale === "exp" ? "exp(s)" : "exp(s/2)";
      const detail = `m + ${sigma}·ε, ε of spread ${formatNumber(noise)}`;
      last = add({
        key: "z",
        part: part.name,
        title: "sample z",
        shape: formatShape([latent.units]),
        detail,
        from: heads,
      });
    } else for (const layer of part.layers) last = addLayer(layer, part.name, last, add);
  }
  return nodes;
}

function addLayer(layer: LayerRecord, part: string, from: number, add: (node: Node) => number): number {
  if (!layer.branches) return add(layerNode(layer, part, [from]));
  const ends = layer.branches.map((branch) => branch.reduce((at, inner) => addLayer(inner, part, at, add), from));
  return add(layerNode(layer, part, ends));
}

function layerNode(layer: LayerRecord, part: string, from: readonly number[]): Node {
  const { activation } = layer.params;
  const shown = typeof activation === "string" && activation !== "linear" ? ` ${activation}` : "";
  const head = part === "latent" ? (layer.name.split("/").at(-1) ?? "") : "";
  return {
    key: `${part}/${layer.kind}/${head}`,
    part,
    title: head ? `${head}: ${layer.kind}` : `${layer.kind}${shown}`,
    shape: formatShape(layer.outputShape),
    detail: layer.parameters > 0 ? `${formatNumber(layer.parameters, "integer")} parameters` : "",
    from,
  };
}
