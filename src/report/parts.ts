import type { ArtifactStore } from "../artifact/io.js";
import type { JsonObject } from "../base/json.js";
import type { Block, ChartBlock, Section } from "./block.js";
import {
  type ChartDefinition,
  type ChartGroup,
  type Collected,
  isAbsent,
  type Shown,
  type VariantLook,
} from "./chart.js";
import { defaultCharts, withoutNaN } from "./collect.js";
import { gather, trainingMs, type Variant } from "./gather.js";
import { chartOfKind } from "./kinds.js";
import { looksOf } from "./looks.js";
import { type Comparison, compare } from "./overview/facts.js";
import { overview } from "./overview/index.js";
import { provenance } from "./overview/provenance.js";
import { PageBuilder } from "./page-builder.js";
import type { ReportInput } from "./types.js";
import { compileChart, staticSvg, type VegaSpec } from "./vega.js";

/** Everything in a report before it becomes a page: what `renderReport` lays out and `exportReport` writes to files. */
export interface ReportParts {
  readonly sections: readonly Section[];
  readonly page: PageBuilder;
  readonly charts: ReadonlyMap<string, DrawnChart>;
}

export interface DrawnChart {
  readonly block: ChartBlock;
  readonly vega: VegaSpec;
  /** Of `block.toggle`. */
  readonly other: VegaSpec | null;
  readonly svg: string;
  readonly warnings: readonly string[];
}

const GROUPS: readonly ChartGroup[] = ["training", "images", "latent", "quality", "model", "data", "custom"];

/** @param progress is called with how many charts are drawn, of how many. */
export async function drawParts(
  input: ReportInput,
  store: ArtifactStore,
  progress: (done: number, total: number) => void = () => {},
): Promise<ReportParts> {
  const gathered = gather(input, store);
  const order = ranking(gathered, compare(gathered));
  const looks = looksOf(
    gathered.map(({ look }) => look.name),
    input.experiment.baseline,
    order,
  );
  const variants = gathered.map((variant, i) => ({ ...variant, look: looks[i] as VariantLook }));
  const comparison = compare(variants);
  const page = new PageBuilder(looks, order);
  const drawn = chartSections(variants, page);
  const sections = [...overview(comparison, variants), ...drawn, ...provenance(input, variants)];
  const charts = new Map<string, DrawnChart>();
  const blocks = sections.flatMap((section) => chartBlocks(section.blocks));
  for (const { block, width } of blocks) {
    progress(charts.size, blocks.length);
    if (charts.has(block.id)) throw new Error(`two charts are called ${block.id}`);
    const main = compileChart(block.spec, width);
    const other = block.toggle ? compileChart(block.toggle.spec, width) : null;
    charts.set(block.id, {
      block,
      vega: main.vega,
      other: other?.vega ?? null,
      warnings: [...main.warnings, ...(other?.warnings ?? [])],
      svg: await staticSvg(main.vega, page.datasets, block.id, block.alt),
    });
  }
  return { sections, page, charts };
}

function ranking(variants: readonly Variant[], comparison: Comparison | null): number[] {
  const ranked = comparison?.ranked.map((facts) => facts.variant.look.index) ?? [];
  return [...ranked, ...variants.map((variant) => variant.look.index).filter((index) => !ranked.includes(index))];
}

/** Plot widths in CSS pixels: alone in its row, and beside others. */
const WIDE = 860;
const HALF = 390;

function chartBlocks(blocks: readonly Block[], width = WIDE): { block: ChartBlock; width: number }[] {
  return blocks.flatMap((block) => {
    if (block.type === "chart") return [{ block, width }];
    return block.type === "group" ? chartBlocks(block.blocks, block.layout === "grid" ? HALF : width) : [];
  });
}

function chartSections(variants: readonly Variant[], page: PageBuilder): Section[] {
  const sections: { group: number; place: number; section: Section }[] = [];
  for (const { id, chart, options } of wantedCharts(variants)) {
    const shown: Shown[] = [];
    const reasons: { variant: string; absent: string }[] = [];
    for (const variant of variants) {
      const data = dataOf(variant, id, chart);
      if (data === null) continue;
      if (isAbsent(data)) reasons.push({ variant: variant.look.name, absent: data.absent });
      else {
        const { look, artifacts } = variant;
        shown.push({
          variant: look,
          data: data.data,
          images: data.images ?? {},
          artifacts,
          trainingMs: trainingMs(variant),
        });
      }
    }
    const section = shown.length > 0 ? chart.draw(shown, options, page.forChart(id)) : null;
    const where = { group: GROUPS.indexOf(chart.group), place: chart.place };
    if (section !== null) sections.push({ ...where, section });
    else if (reasons.length > 0) sections.push({ ...where, section: absence(id, reasons) });
  }
  return sections.sort((a, b) => a.group - b.group || a.place - b.place).map(({ section }) => section);
}

interface Wanted {
  readonly id: string;
  readonly chart: ChartDefinition;
  readonly options: JsonObject;
}

/** The charts of all variants in order; of a run that made none, every kind that can be made from remains. */
function wantedCharts(variants: readonly Variant[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const figure of variants.flatMap((variant) => variant.figures)) {
    const chart = chartOfKind(figure.kind);
    // A figure of a kind that this version no longer has is passed over, not an error: old runs can be drawn again.
    if (chart !== undefined && !wanted.has(figure.id)) {
      wanted.set(figure.id, { id: figure.id, chart, options: figure.options });
    }
  }
  if (wanted.size > 0) return [...wanted.values()];
  return defaultCharts().flatMap(({ kind, options }) => {
    const chart = chartOfKind(kind) as ChartDefinition;
    return chart.recover === undefined ? [] : [{ id: kind, chart, options }];
  });
}

function dataOf(variant: Variant, id: string, chart: ChartDefinition): Collected | { readonly absent: string } | null {
  const figure = variant.figures.find((candidate) => candidate.id === id);
  if (figure !== undefined) {
    const { data, images } = figure;
    if (data !== null && typeof data === "object" && "absent" in data) return { absent: String(data.absent) };
    return { data, images };
  }
  if (chart.recover === undefined) return null;
  const { partialHistory } = variant.input;
  const recovered = chart.recover({ artifacts: variant.artifacts, ...(partialHistory && { partialHistory }) });
  // Nobody asked for it of this variant, so its absence needs no reason.
  return isAbsent(recovered) ? null : { ...recovered, data: withoutNaN(recovered.data) };
}

function absence(id: string, reasons: readonly { variant: string; absent: string }[]): Section {
  const distinct = [...new Set(reasons.map((reason) => reason.absent))];
  const text = distinct.map((reason) => {
    const names = reasons.filter((each) => each.absent === reason).map((each) => each.variant);
    return `${names.join(", ")}: ${reason}.`;
  });
  return { id, title: id, blocks: [{ type: "notice", level: "info", title: "Not shown.", text: text.join(" ") }] };
}
