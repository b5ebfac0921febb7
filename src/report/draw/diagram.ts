import { graphlib, layout as placeNodes } from "@dagrejs/dagre";
import { type Html, html } from "../html/html.js";
import type { Alignment, Edge, LayerBox, LayerFrame } from "./align.js";
import { type BoxText, boxText, cut } from "./box-text.js";

const WIDTH = 204;
const MARGIN = 14;
/** What may be shrunk where the window is narrower, in CSS pixels. */
const SHRINKS = 520;
/** Between the boxes in a frame and its edge; above them there is room for its name. */
const PAD = { side: 10, top: 24, bottom: 10 };

/** What of the models is drawn: the whole, or what lies in the frames of one part. */
function isShown(alignment: Alignment, role: string | undefined): (frame: string) => boolean {
  if (role === undefined) return () => true;
  const frames = alignment.frames.flat();
  const inside = new Set(frames.filter((frame) => frame.role === role).map(({ id }) => id));
  for (const { id, within } of frames) if (inside.has(within)) inside.add(id);
  return (frame) => inside.has(frame);
}

export interface Diagram {
  readonly svg: string;
  readonly width: number;
  readonly boxes: readonly LayerBox[];
  readonly frames: readonly LayerFrame[];
}

/**
 * The boxes of one aligned model as an `<svg>` element. Places come from the layout of all models' graphs
 * together, so diagrams of aligned models have the same size and the same layers at the same height.
 *
 * @param role of the part that alone is drawn: `encoder`.
 */
export function drawDiagram(alignment: Alignment, which: number, label: string, role?: string): Diagram {
  const shown = isShown(alignment, role);
  const all = alignment.boxes.flat().filter(({ frame }) => shown(frame));
  const graph = layout(alignment, all);
  const boxes = (alignment.boxes[which] ?? []).filter(({ frame }) => shown(frame));
  const frames = (alignment.frames[which] ?? []).filter(({ id }) => shown(id));
  const rows = new Set(boxes.map(({ row }) => row));
  const place = (row: number) => graph.node(String(row)) as Place;
  const routes = (alignment.edges[which] ?? [])
    .filter(([from, to]) => rows.has(from) && rows.has(to))
    .map((edge) => routeOf(graph, edge, place));
  const areas = frameAreas(frames, boxes, place, routes);
  const { width, height } = sizeOf(graph, [...areas.values()]);
  const framed = frames.flatMap((frame) => {
    const area = areas.get(frame.id);
    return area === undefined ? [] : [{ frame, area }];
  });
  // A wide one is scrolled: shrunk into the window of a telephone, its letters could not be read.
  const kind = width > SHRINKS ? "diagram wide" : "diagram";
  const svg =
    html`<svg class="${kind}" role="img" aria-label="${`Diagram of ${label}`}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
${framed.map(({ frame, area }) => drawFrame(frame, area))}${routes.map(arrow)}${framed.map(({ frame, area }) => frameName(frame, area))}${boxes.map((box) => drawBox(box, place(box.row)))}</svg>`
      .text;
  return { svg, width, boxes, frames };
}

/** The middle of a box, and its size. */
interface Place {
  x: number;
  y: number;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function layout(alignment: Alignment, boxes: readonly LayerBox[]): graphlib.Graph {
  const graph = new graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 26, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const used = new Set(boxes.map(({ row }) => String(row)));
  for (const { id, within } of alignment.frames.flat()) {
    graph.setNode(`frame ${id}`, {});
    if (within !== "") graph.setParent(`frame ${id}`, `frame ${within}`);
  }
  for (const box of boxes) {
    const row = String(box.row);
    // A row is as high as the box of any model needs it.
    const known = graph.node(row) as Place | undefined;
    const height = Math.max(boxText(box).height, known?.height ?? 0);
    graph.setNode(row, { width: WIDTH, height });
    if (box.frame !== "") graph.setParent(row, `frame ${box.frame}`);
  }
  for (const id of graph.nodes()) if (id.startsWith("frame ") && isEmpty(graph, id)) graph.removeNode(id);
  for (const [from, to] of alignment.edges.flat()) {
    if (used.has(String(from)) && used.has(String(to))) graph.setEdge(String(from), String(to));
  }
  placeNodes(graph);
  return inOrder(graph, [...used]);
}

function isEmpty(graph: graphlib.Graph, id: string): boolean {
  return (graph.children(id) ?? []).every((child: string) => child.startsWith("frame ") && isEmpty(graph, child));
}

/** Of two boxes side by side the earlier row belongs to the left: where most are the other way round, all is mirrored. */
function inOrder(graph: graphlib.Graph, rows: readonly string[]): graphlib.Graph {
  const width = (graph.graph() as { width?: number }).width ?? 0;
  const nodes = rows.toSorted((a, b) => Number(a) - Number(b)).map((row) => graph.node(row) as Place);
  const pairs = nodes.flatMap((a, i) => nodes.slice(i + 1).flatMap((b) => (a.y === b.y ? [Math.sign(b.x - a.x)] : [])));
  if (pairs.reduce((sum, sign) => sum + sign, 0) >= 0) return graph;
  const places: { x: number }[] = [...nodes];
  for (const edge of graph.edges()) places.push(...(graph.edge(edge) as Routed).points);
  for (const place of places) place.x = width - place.x;
  return graph;
}

/** The layout of an edge: where it goes between other boxes. */
interface Routed {
  readonly points: readonly { x: number; y: number }[];
}

/** Around the boxes of each frame, and the frames in it. */
function frameAreas(
  frames: readonly LayerFrame[],
  boxes: readonly LayerBox[],
  place: (row: number) => Place,
  routes: readonly Route[],
): ReadonlyMap<string, Area> {
  const frameOf = new Map(boxes.map(({ row, frame }) => [row, frame]));
  const areas = new Map<string, Area>();
  for (const { id } of frames.toReversed()) {
    const inside = [
      ...boxes.filter(({ frame }) => frame === id).map(({ row }) => areaOf(place(row))),
      ...routes.flatMap(({ edge, points }) =>
        edge.every((row) => frameOf.get(row) === id)
          ? points.map(({ x, y }) => areaOf({ x, y, width: 0, height: 0 }))
          : [],
      ),
      ...frames.flatMap((frame) => (frame.within === id ? (areas.get(frame.id) ?? []) : [])),
    ];
    if (inside.length === 0) continue;
    areas.set(id, {
      left: Math.min(...inside.map(({ left }) => left)) - PAD.side,
      right: Math.max(...inside.map(({ right }) => right)) + PAD.side,
      top: Math.min(...inside.map(({ top }) => top)) - PAD.top,
      bottom: Math.max(...inside.map(({ bottom }) => bottom)) + PAD.bottom,
    });
  }
  return areas;
}

function areaOf({ x, y, width, height }: Place): Area {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function sizeOf(graph: graphlib.Graph, areas: readonly Area[]) {
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(Math.max(width, ...areas.map(({ right }) => right + MARGIN))),
    height: Math.ceil(Math.max(height, ...areas.map(({ bottom }) => bottom + MARGIN))),
  };
}

/** The way of an arrow from the lower edge of a box to the upper edge of another. */
interface Route {
  readonly edge: Edge;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Past the boxes between the two, where there are some: the layout has left room there. */
function routeOf(graph: graphlib.Graph, edge: Edge, place: (row: number) => Place): Route {
  const [from, to] = [place(edge[0]), place(edge[1])];
  const { points } = graph.edge(String(edge[0]), String(edge[1])) as Routed;
  const [start, end] = [from.y + from.height / 2, to.y - to.height / 2 - 1];
  // The layout's first and last point lie on the boxes; of those between, one stands in the middle of every gap.
  const between = points.slice(1, -1).filter(({ y }) => y > start + GAP && y < end - GAP);
  const [first, last] = [between[0], between.at(-1)];
  const around = first !== undefined && last !== undefined && between.length > 1;
  const past = around ? [{ x: first.x, y: start + GAP }, ...between, { x: last.x, y: end - GAP }] : [];
  return { edge, points: [{ x: from.x, y: start }, ...past, { x: to.x, y: end }] };
}

/** What a bend needs, in units of the drawing. */
const GAP = 22;

function arrow({ points }: Route): Html {
  const [first, ...rest] = points as readonly [Route["points"][number], ...Route["points"]];
  const { x, y } = points.at(-1) as Route["points"][number];
  let [last, path] = [first, `M${first.x},${first.y}`];
  rest.forEach((point, i) => {
    const end = i === rest.length - 1 ? point.y - 5 : point.y;
    const middle = (last.y + end) / 2;
    path += `C${last.x},${middle} ${point.x},${middle} ${point.x},${end}`;
    last = { x: point.x, y: end };
  });
  return html`<path d="${path}" fill="none" stroke="var(--muted)"/><path d="M${x - 4},${y - 6}l4,6l4,-6z" fill="var(--muted)"/>
`;
}

function drawBox(box: LayerBox, { x, y, width, height }: Place): Html {
  const [left, top] = [x - width / 2, y - height / 2];
  const changed = box.change !== null;
  const { lines, height: own } = boxText(box);
  const first = top + (height - own) / 2;
  return html`<g><title>${[box.title, box.shape, box.detail].filter((text) => text !== "").join(", ")}</title><rect x="${left}" y="${top}" width="${width}" height="${height}" rx="5" fill="var(--card)" stroke="${changed ? "#d55e00" : "var(--line)"}" stroke-width="${changed ? 2 : 1}"/>
${lines.map((line) => textLine(line, left, first))}</g>
`;
}

function textLine({ y, title, text, end }: BoxText["lines"][number], left: number, top: number): Html {
  const at = top + y;
  return html`${title ? html`<text x="${left + 10}" y="${at}" fill="var(--ink)" font-weight="600">${title}</text>` : ""}${text ? html`<text x="${left + 10}" y="${at}" fill="var(--muted)" font-size="11">${text}</text>` : ""}${end ? html`<text x="${left + WIDTH - 10}" y="${at}" text-anchor="end" fill="var(--ink)">${end}</text>` : ""}
`;
}

function drawFrame({ change }: LayerFrame, { left, right, top, bottom }: Area): Html {
  return html`<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" rx="8" fill="none" stroke="${change === null ? "var(--line)" : "#d55e00"}"/>
`;
}

/** Over the arrows, which make room for it. */
function frameName({ label, times, change }: LayerFrame, { left, right, top }: Area): Html {
  const text = [label, ...(times === "" ? [] : [times]), ...(change === null ? [] : [`(${change})`])].join(" ");
  return html`<text x="${left + 10}" y="${top + 16}" fill="var(--muted)" stroke="var(--paper)" stroke-width="5" stroke-linejoin="round" paint-order="stroke" font-size="12"><title>${text}</title>${cut(text, Math.floor((right - left - 20) / 6.6))}</text>
`;
}
