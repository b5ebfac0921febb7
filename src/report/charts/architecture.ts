import { modelOf } from "../../artifact/codecs/model.js";
import type { LayerRecord } from "../../artifact/parts.js";
import { partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import { canonicalJson, type Json } from "../../base/json.js";
import type { Block, Cell, Table } from "../block.js";
import { type ChartSource, defineChart, type Page, type Shown } from "../chart.js";
import { type Alignment, alignModels, type LayerBox } from "../draw/align.js";
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
    const alignment = alignModels(drawn.map(({ model }) => model));
    const blocks: Block[] = [{ type: "text", text: introduction(all, drawn.length) }];
    blocks.push({
      type: "group",
      layout: "grid",
      blocks: drawn.map(({ names }, i) => diagram(alignment, i, titleOf(names), `${page.id}-${i}`)),
    });
    const parts = partNames(drawn.map(({ model }) => model));
    if (parts.length > 1) blocks.push(partsFold(alignment, drawn, parts, page));
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

function introduction(all: readonly Group[], drawn: number): string {
  if (all.length === 1) {
    const { names } = all[0] as Group;
    return names.length === 1
      ? "Every layer with the shape that it gives and its parameters."
      : `${titleOf(names)} have the same architecture.`;
  }
  const rest = all.length > drawn ? ` ${all.length - drawn} more architectures are not drawn.` : "";
  const [{ leader }] = all as [Group];
  const reference = leader.variant.baseline ? "the baseline" : "the first";
  return `Layers side by side; where an architecture differs from that of ${reference}, the box is marked and says what ${reference} has.${rest}`;
}

function titleOf(names: readonly string[]): string {
  return names.length > 6 ? `${listed(names.slice(0, 5))} and ${names.length - 5} more` : listed(names);
}

function partNames(models: readonly Model[]): string[] {
  return [...new Set(models.flatMap((model) => partsOf(model).parts.map(({ name }) => name)))].filter(
    (name) => name !== "latent",
  );
}

function diagram(alignment: Alignment, which: number, title: string, id: string, part?: string): Block {
  const boxes = alignment.boxes[which] as readonly LayerBox[];
  const shown = part === undefined ? boxes : boxes.filter((box) => box.part === part);
  const changes = shown.filter((box) => box.change !== null).length;
  return {
    type: "svg",
    id,
    title,
    alt: `Diagram of ${title}${part === undefined ? "" : `, ${part}`}: ${shown.map((box) => `${box.title} ${box.shape}`).join(", ")}.${changes > 0 ? ` ${changes} marked as different.` : ""}`,
    svg: drawDiagram(alignment, which, `${title}${part === undefined ? "" : `, ${part}`}`, part),
    table: null,
  };
}

function partsFold(alignment: Alignment, drawn: readonly Group[], parts: readonly string[], page: Page): Block {
  const blocks = parts.flatMap((part): Block[] => [
    {
      type: "group",
      layout: "grid",
      blocks: drawn.map(({ names }, i) =>
        diagram(alignment, i, `${titleOf(names)}: ${part}`, `${page.id}-${part}-${i}`, part),
      ),
    },
  ]);
  return { type: "group", layout: "fold", title: `${listed(parts)} alone`, blocks };
}

function layerTable(model: Model, title: string, id: string): Block {
  const rows = partsOf(model).parts.flatMap((part) => part.layers.flatMap((layer) => layerRows(layer)));
  const table: Table = {
    columns: [
      { label: "Layer" },
      { label: "Kind" },
      { label: "Settings" },
      { label: "Input" },
      { label: "Output" },
      { label: "Parameters", format: "integer" },
    ],
    rows: [
      ...rows,
      [
        "total",
        "",
        "",
        formatShape(partsOf(model).inputShape),
        formatShape(partsOf(model).outputShape),
        model.parameters,
      ],
    ],
  };
  return { type: "table", id, title, table };
}

function layerRows(layer: LayerRecord): Cell[][] {
  const own: Cell[] = [
    layer.name,
    layer.kind,
    settings(layer),
    formatShape(layer.inputShape),
    formatShape(layer.outputShape),
    layer.parameters,
  ];
  return [own, ...(layer.branches ?? []).flat().flatMap(layerRows)];
}

/** Parameters that somebody chose: initializers and the like are in the YAML. */
function settings({ params }: LayerRecord): string {
  return Object.entries(params)
    .filter(
      ([, value]) =>
        typeof value === "number" ||
        typeof value === "string" ||
        (Array.isArray(value) && value.every((v) => typeof v === "number")),
    )
    .map(
      ([key, value]) =>
        `${key} ${Array.isArray(value) ? formatShape(value as number[]) : typeof value === "number" ? formatNumber(value) : value}`,
    )
    .join(", ");
}
