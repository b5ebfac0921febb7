import { graphlib, layout as placeNodes } from "@dagrejs/dagre";
import { html } from "../html/html.js";
import type { Alignment, LayerBox } from "./align.js";

const BOX = { width: 204, height: 46 };
const MARGIN = 14;
/** Room at the left for the names of the parts. */
const LABELS = 62;

/**
 * The boxes of one aligned model as an `<svg>` element. Places come from the layout of all models' graphs
 * together, so diagrams of aligned models have the same size and the same layers at the same height.
 */
export function drawDiagram(alignment: Alignment, which: number, label: string, part?: string): string {
  const boxes = (alignment.boxes[which] ?? []).filter((box) => part === undefined || box.part === part);
  const rows = new Set(
    alignment.boxes
      .flat()
      .filter((box) => part === undefined || box.part === part)
      .map((box) => box.row),
  );
  const graph = layout(alignment, rows);
  const size = graph.graph() as { width?: number; height?: number };
  const [width, height] = [(size.width ?? 0) + LABELS, size.height ?? 0];
  const drawn = (alignment.edges[which] ?? []).filter(([from, to]) => rows.has(from) && rows.has(to));
  const place = (row: number) => {
    const { x, y } = graph.node(String(row)) as { x: number; y: number };
    return { x: x + LABELS, y };
  };
  const edges = drawn.map(([from, to]) => arrow(place(from), place(to)));
  return html`<svg class="diagram" role="img" aria-label="${`Diagram of ${label}`}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
${part === undefined ? partBands(boxes, place, width) : ""}${edges}${boxes.map((box) => drawBox(box, place(box.row)))}</svg>`
    .text;
}

function layout(alignment: Alignment, rows: ReadonlySet<number>): graphlib.Graph {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 26, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const row of rows) graph.setNode(String(row), { ...BOX });
  for (const [from, to] of alignment.edges.flat()) {
    if (rows.has(from) && rows.has(to)) graph.setEdge(String(from), String(to));
  }
  placeNodes(graph);
  return inOrder(graph, rows);
}

/** Of two boxes side by side the earlier row belongs to the left: the layout may put it right, then all is mirrored. */
function inOrder(graph: graphlib.Graph, rows: ReadonlySet<number>): graphlib.Graph {
  const width = (graph.graph() as { width?: number }).width ?? 0;
  const nodes = [...rows].sort((a, b) => a - b).map((row) => graph.node(String(row)) as { x: number; y: number });
  const [left, right] = nodes.flatMap((a, i) => {
    const beside = nodes.slice(i + 1).find((b) => b.y === a.y);
    return beside ? [a, beside] : [];
  });
  if (left && right && left.x > right.x) for (const node of nodes) node.x = width - node.x;
  return graph;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function arrow(from: Point, to: Point) {
  const [y0, y1] = [from.y + BOX.height / 2, to.y - BOX.height / 2 - 1];
  const bend = (y1 - y0) / 2;
  return html`<path d="M${from.x},${y0}C${from.x},${y0 + bend} ${to.x},${y1 - bend} ${to.x},${y1 - 5}" fill="none" stroke="var(--muted)"/><path d="M${to.x - 4},${y1 - 6}l4,6l4,-6z" fill="var(--muted)"/>
`;
}

function drawBox(box: LayerBox, { x, y }: Point) {
  const [left, top] = [x - BOX.width / 2, y - BOX.height / 2];
  const changed = box.change !== null;
  const second = [box.detail, box.change].filter((text) => text).join("; ");
  // About seven units a letter: a long name and a long shape do not fit beside each other.
  const crowded = 7 * (box.title.length + box.shape.length) > BOX.width - 24;
  const lines = second || crowded ? { first: top + 19, second: top + 36 } : { first: top + 27, second: top + 27 };
  return html`<g><rect x="${left}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="5" fill="var(--card)" stroke="${changed ? "#d55e00" : "var(--line)"}" stroke-width="${changed ? 2 : 1}"/>
<text x="${left + 10}" y="${lines.first}" fill="var(--ink)" font-weight="600">${box.title}</text><text x="${left + BOX.width - 10}" y="${crowded ? lines.second : lines.first}" text-anchor="end" fill="var(--ink)">${box.shape}</text>
<text x="${left + 10}" y="${lines.second}" fill="var(--muted)" font-size="11">${second}</text></g>
`;
}

/** A bracket with its name beside the boxes of each part. */
function partBands(boxes: readonly LayerBox[], place: (row: number) => Point, width: number) {
  const parts = [...new Set(boxes.map((box) => box.part))].filter((name) => name !== "" && name !== "model");
  return parts.map((name) => {
    const heights = boxes.filter((box) => box.part === name).map((box) => place(box.row).y);
    const top = Math.min(...heights) - BOX.height / 2 - 6;
    const bottom = Math.max(...heights) + BOX.height / 2 + 6;
    return html`<rect x="4" y="${top}" width="${width - 8}" height="${bottom - top}" rx="8" fill="none" stroke="var(--grid)"/><text x="14" y="${top + 18}" fill="var(--muted)" font-size="12">${name}</text>
`;
  });
}
