import { modelOf } from "../../artifact/codecs/model.js";
import { type ModelNode, sourceNamed, trainedOutputs } from "../../artifact/graph.js";
import type { Model } from "../../artifact/types.js";
import { canonicalJson, type Json } from "../../base/json.js";
import { shownKind } from "../../base/own-kind.js";
import type { Block, Cell, Table } from "../block.js";
import { type ChartSource, defineChart, type Page, type Shown } from "../chart.js";
import { type Alignment, alignModels, haveCommonLayer } from "../draw/align.js";
import { drawDiagram } from "../draw/diagram.js";
import { foremost } from "../draw/foremost.js";
import { formatNumber, formatShape, listed } from "../format.js";

type Architecture = { readonly model: Json };

/** Different architectures that are drawn beside each other. */
const SHOWN = 4;

export default defineChart<"architecture", Architecture>({
  kind: "architecture",
  group: "model",
  place: 1,
  about: "model",

  async collect({ artifacts }) {
    return architectureOf(artifacts);
  },

  recover({ artifacts }) {
    return architectureOf(artifacts);
  },

  draw(shown, _options, page) {
    const all = groupsOf(shown, page);
    const kept = foremost(
      all.map(({ leader }) => leader),
      page,
      SHOWN,
    );
    const drawn = all.filter(({ leader }) => kept.includes(leader));
    const sets = comparable(drawn);
    const compared = (sets[0] as Aligned).groups.length > 1;
    const blocks: Block[] = [{ type: "text", text: introduction(all, drawn.length, compared) }];
    blocks.push(...diagrams(sets, page));
    const frames = sets.flatMap(({ alignment }) => alignment.frames.flat());
    const parts = PARTS.filter((part) => frames.some(({ role }) => role === part));
    if (parts.length > 1) blocks.push(partsFold(sets, parts, page));
    blocks.push({
      type: "group",
      layout: "fold",
      title: "Layers as a table",
      blocks: drawn.map(({ model, names }, i) => layerTable(model, titleOf(names), `${page.id}-layers-${i}`)),
    });
    return { id: page.id, title: "Architecture", blocks };
  },
});

function architectureOf({ model }: ChartSource["artifacts"]) {
  return model ? { data: { model: model as unknown as Json } } : { absent: "no model was built" };
}

interface Group {
  readonly model: Model;
  /** The baseline where it is one of them, else the best. */
  readonly leader: Shown<Architecture>;
  readonly names: readonly string[];
}

/** Variants of one architecture together; the baseline's first, since the others are held against it. */
function groupsOf(shown: readonly Shown<Architecture>[], page: Page): Group[] {
  const groups = new Map<string, Shown<Architecture>[]>();
  for (const each of shown) {
    const key = canonicalJson(modelOf(each.data.model) as unknown as Json);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()]
    .map((members) => ({
      model: modelOf((members[0] as Shown<Architecture>).data.model),
      leader: foremost(members, page, 1)[0] as Shown<Architecture>,
      names: members.map(({ variant }) => variant.name),
    }))
    .sort((a, b) => Number(b.leader.variant.baseline) - Number(a.leader.variant.baseline));
}

/** Architectures that are drawn over each other. */
interface Aligned {
  readonly groups: readonly Group[];
  readonly alignment: Alignment;
}

/** The first with those that have a layer in common with it; each of the others alone, since all of it would be a difference. */
function comparable(drawn: readonly Group[]): readonly Aligned[] {
  const aligned = (groups: readonly Group[]) => ({ groups, alignment: alignModels(groups.map(({ model }) => model)) });
  const [first, ...others] = drawn as [Group, ...Group[]];
  const alike = others.filter((other) => haveCommonLayer(first.model, other.model));
  return [aligned([first, ...alike]), ...others.filter((other) => !alike.includes(other)).map((one) => aligned([one]))];
}

function introduction(all: readonly Group[], drawn: number, compared: boolean): string {
  if (all.length === 1) {
    const { names } = all[0] as Group;
    return names.length === 1
      ? "Every layer with the shape that it gives and its parameters."
      : `${titleOf(names)} have the same architecture.`;
  }
  const rest = all.length > drawn ? ` ${all.length - drawn} more architectures are not drawn.` : "";
  if (!compared) return `Every layer with the shape that it gives and its parameters.${rest}`;
  const [{ leader }] = all as [Group];
  const reference = leader.variant.baseline ? "the baseline" : "the first";
  return `Layers side by side; where an architecture differs from that of ${reference}, the box is marked and says what ${reference} has.${rest}`;
}

function titleOf(names: readonly string[]): string {
  return names.length > 6 ? `${listed(names.slice(0, 5))} and ${names.length - 5} more` : listed(names);
}

/** Parts that are also drawn alone, in the order of the model. */
const PARTS: readonly string[] = ["encoder", "decoder"];

/** What fits beside another one in a wide window, in CSS pixels. */
const HALF = 560;

/** Beside each other where they are narrow enough. */
function diagrams(sets: readonly Aligned[], page: Page, part?: string): Block[] {
  let count = 0;
  const made = sets.flatMap(({ groups, alignment }) =>
    groups.flatMap(({ names }, i) => {
      if (part !== undefined && alignment.frames.flat().every(({ role }) => role !== part)) return [];
      const title = part === undefined ? titleOf(names) : `${titleOf(names)}: ${part}`;
      return [diagram(alignment, i, title, `${page.id}-${part === undefined ? "" : `${part}-`}${count++}`, part)];
    }),
  );
  const blocks = made.map(({ block }) => block);
  return made.some(({ width }) => width > HALF) ? blocks : [{ type: "group", layout: "grid", blocks }];
}

function diagram(alignment: Alignment, which: number, title: string, id: string, part?: string) {
  const { svg, width, boxes, frames } = drawDiagram(alignment, which, title, part);
  const changes = [...boxes, ...frames].filter(({ change }) => change !== null).length;
  const repeated = frames.flatMap(({ label, times }) => (times === "" ? [] : [`${label} ${times}`]));
  const said = [...boxes.map((box) => `${box.title} ${box.shape}`), ...repeated].join(", ");
  const block: Block = {
    type: "svg",
    id,
    title,
    alt: `Diagram of ${title}: ${said}.${changes > 0 ? ` ${changes} marked as different.` : ""}`,
    svg,
    table: null,
  };
  return { block, width };
}

function partsFold(sets: readonly Aligned[], parts: readonly string[], page: Page): Block {
  const blocks = parts.flatMap((part) => diagrams(sets, page, part));
  const title = listed(parts);
  return { type: "group", layout: "fold", title: `${title.charAt(0).toUpperCase()}${title.slice(1)} alone`, blocks };
}

function layerTable(model: Model, title: string, id: string): Block {
  const shapesOf = (sources: readonly string[]) =>
    sources.map((source) => formatShape(sourceNamed(model, source).shape)).join(" and ");
  const outputs = trainedOutputs(model).map(({ shape }) => formatShape(shape));
  const joined = model.nodes.some(({ from }) => from.length > 1);
  const table: Table = {
    columns: [
      { label: "Layer" },
      { label: "Kind" },
      ...(joined ? [{ label: "Takes" }] : []),
      { label: "Settings" },
      { label: "Input" },
      { label: "Output" },
      { label: "Parameters", format: "integer" },
    ],
    rows: [
      ...model.nodes.map((node): Cell[] => [
        node.name,
        shownKind(node.kind),
        ...(joined ? [node.from.join(", ")] : []),
        settings(node),
        shapesOf(node.from),
        formatShape(node.shape),
        node.parameters,
      ]),
      [
        "total",
        "",
        ...(joined ? [""] : []),
        "",
        shapesOf(model.inputs.map(({ name }) => name)),
        outputs.join(" and "),
        model.parameters,
      ],
    ],
  };
  return { type: "table", id, title, table };
}

/** The parameters that a box shows: initializers and the like are in the YAML. */
function settings({ params, sharedWith, trainable }: ModelNode): string {
  const chosen = Object.entries(params)
    .filter(
      ([, value]) =>
        typeof value === "number" ||
        typeof value === "string" ||
        (Array.isArray(value) && value.every((v) => typeof v === "number")),
    )
    .map(
      ([key, value]) =>
        `${key} ${Array.isArray(value) ? formatShape(value as number[]) : typeof value === "number" ? formatNumber(value) : value}`,
    );
  const shared = sharedWith === undefined ? [] : [`weights of ${sharedWith}`];
  return [...chosen, ...shared, ...(trainable ? [] : ["frozen"])].join(", ");
}
