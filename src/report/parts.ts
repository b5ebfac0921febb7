import type { ArtifactStore } from "../artifact/io.js";
import type { Block, ChartBlock, Section } from "./block.js";
import { type ChartGroup, isAbsent, type Shown } from "./chart.js";
import { chartsOf } from "./entries.js";
import { type Gathered, gather } from "./gather.js";
import { viewOf } from "./output-views.js";
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
  const first = gather(input, store);
  const order = ranking(first, compare(first.by("metrics")));
  const gathered = gather(input, store, order);
  const { variants } = gathered;
  const comparison = compare(gathered.by("metrics"));
  const page = new PageBuilder(gathered.looks, order);
  const drawn = chartSections(gathered, page);
  const sections = [...overview(comparison, gathered), ...drawn, ...provenance(input, variants)];
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

function ranking({ looks }: Gathered, comparison: Comparison | null): number[] {
  const ranked = comparison?.ranked.map((facts) => facts.variant.look.index) ?? [];
  return [...ranked, ...looks.map(({ index }) => index).filter((index) => !ranked.includes(index))];
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

function chartSections(gathered: Gathered, page: PageBuilder): Section[] {
  const sections: { group: number; place: number; section: Section }[] = [];
  for (const { id, chart, options, output, entries } of chartsOf(gathered)) {
    const shown = entries.flatMap(({ view, data }): Shown[] => {
      if (isAbsent(data)) return [];
      const { look, trainingMs } = view;
      const artifacts = viewOf(view.artifacts, output);
      return [
        { variant: look, data: data.data, images: data.images ?? {}, artifacts, trainingMs, trainings: view.trainings },
      ];
    });
    const reasons = entries.flatMap(({ view, data }) =>
      isAbsent(data) ? [{ variant: view.look.name, absent: data.absent }] : [],
    );
    const section = shown.length > 0 ? chart.draw(shown, options, page.forChart(id)) : null;
    const where = { group: GROUPS.indexOf(chart.group), place: chart.place };
    const title = section === null || output === null ? section?.title : `${section.title}: ${output}`;
    if (section !== null) sections.push({ ...where, section: { ...section, title: title as string } });
    else if (reasons.length > 0) sections.push({ ...where, section: absence(id, reasons) });
  }
  return sections.sort((a, b) => a.group - b.group || a.place - b.place).map(({ section }) => section);
}

function absence(id: string, reasons: readonly { variant: string; absent: string }[]): Section {
  const distinct = [...new Set(reasons.map((reason) => reason.absent))];
  const text = distinct.map((reason) => {
    const names = reasons.filter((each) => each.absent === reason).map((each) => each.variant);
    return `${names.join(", ")}: ${reason}.`;
  });
  return { id, title: id, blocks: [{ type: "notice", level: "info", title: "Not shown.", text: text.join(" ") }] };
}
