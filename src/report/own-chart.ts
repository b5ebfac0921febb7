import { OwnCodeError } from "../base/own-failure.js";
import { shortKind, shownKind } from "../base/own-kind.js";
import type { Block, Section, VegaLiteSpec } from "./block.js";
import { type Absent, type ChartSource, type Collected, isAbsent, type Page, type Shown } from "./chart.js";
import { adoptChart } from "./kinds.js";

/** What an own chart draws: a section without the names that the page gives. */
export interface OwnSection {
  readonly title?: string;
  readonly blocks: readonly OwnBlock[];
}

/** A chart in Vega-Lite's terms, or any other block of a report. */
export type OwnBlock = OwnChartBlock | Exclude<Block, { readonly type: "chart" }>;
export interface OwnChartBlock {
  readonly type: "chart";
  /** Among the charts of this section; its number unless given. */
  readonly id?: string;
  readonly title: string;
  /** What a person who cannot see it should know. */
  readonly alt: string;
  /** Its data have the names under which `page.dataset` was given them. */
  readonly spec: VegaLiteSpec;
}

interface OwnChart {
  readonly title?: string;
  collect(source: ChartSource, options: unknown): unknown;
  recover?(remains: unknown): Collected | Absent;
  draw(shown: readonly Shown[], options: unknown, page: Page): OwnSection | null;
}

/** Makes a chart of the project's own known under its name, as any other chart. */
export function adoptOwnChart(name: string, definition: Readonly<Record<string, unknown>>): void {
  const chart = definition as unknown as OwnChart;
  const what = `the chart \`${shownKind(name)}\``;
  adoptChart(name, {
    kind: name,
    group: "custom",
    place: 10,
    async collect(source, options) {
      const made = (await chart.collect(source, options)) as Collected | Absent | undefined;
      if (typeof made !== "object" || made === null || !(isAbsent(made) || "data" in made)) {
        throw new OwnCodeError(`\`collect\` of ${what} must give { data } or { absent: "why" }`);
      }
      return made;
    },
    ...(chart.recover === undefined
      ? {}
      : { recover: (remains) => (chart.recover as OwnChart["collect"])(remains as never, {}) as Collected }),
    draw(shown, options, page) {
      const drawn = chart.draw(shown, options, page);
      if (drawn === null) return null;
      if (typeof drawn !== "object" || !Array.isArray(drawn.blocks)) {
        throw new OwnCodeError(`\`draw\` of ${what} must give { blocks: [...] } or null`);
      }
      return sectionOf(drawn, chart.title ?? shortKind(name), page.id);
    },
  });
}

function sectionOf({ title, blocks }: OwnSection, otherwise: string, id: string): Section {
  return {
    id,
    title: title ?? otherwise,
    blocks: blocks.map((block, i): Block => {
      return block.type === "chart" ? { table: null, ...block, id: `${id}-${block.id ?? i + 1}` } : block;
    }),
  };
}
