/**
 * Tables and figures → one HTML file. `renderReport` is pure: the same input and artifacts give the same bytes.
 *
 *     ReportInput + artifacts ─ gather ─▶ variants ─ sections ─▶ blocks ─ html ─▶ page
 *                                                       ▲
 *                                     overview/ and charts/<kind>.ts
 */
import type { ArtifactStore } from "../artifact/io.js";
import { sectionHtml } from "./html/blocks.js";
import { documentHtml } from "./html/document.js";
import { html, jsonForPage } from "./html/html.js";
import { pageScripts } from "./html/scripts.js";
import { tileHtml } from "./html/table.js";
import { machineReadable } from "./machine-readable.js";
import { drawParts } from "./parts.js";
import type { ReportInput } from "./types.js";

// All of this is the package's `./report`, which docs/report.md describes: programs import what nothing here does.
export type { ArtifactStore } from "../artifact/io.js";
export type { ExportedFile } from "../base/exported.js";
export type { ChartSource } from "./chart.js";
export { vegaLiteComplaint } from "./charts/vega-lite.js";
export { type ChartRequest, collectFigures, defaultCharts } from "./collect.js";
export { type ExportFormat, exportReport } from "./export.js";
export { adoptOwnChart } from "./own-chart.js";
export type { ReportInput, ReportProvenance, ReportStage, ReportVariant } from "./types.js";

/**
 * @param store where artifacts are read from, by the digests in `input`.
 * @param progress is called with how many charts are drawn, of how many.
 * @returns the bytes of an HTML document in UTF-8.
 * Throws `DamagedEntry` where an artifact's bytes are gone or changed.
 */
export async function renderReport(
  input: ReportInput,
  store: ArtifactStore,
  progress?: (done: number, total: number) => void,
): Promise<Uint8Array> {
  const parts = await drawParts(input, store, progress);
  const { page } = parts;
  const around = {
    pictures: new Map([...parts.charts].map(([id, chart]) => [id, chart.svg])),
    tile(tile: { sprite: string; index: number; alt: string }) {
      const sprite = page.sprites[tile.sprite];
      if (sprite === undefined) throw new Error(`no sprite ${tile.sprite}`);
      const { tileWidth: width, tileHeight: height, columns } = sprite;
      return tileHtml(tile, { width, height, columns }, width <= 16 ? 3 : width <= 32 ? 1.5 : 1);
    },
  };
  const { experiment } = input;
  const descriptions = input.variants.map(({ description }) => description);
  // What the variants extend describes them all: once is enough.
  const shared = new Set(descriptions).size === 1 ? descriptions[0] : undefined;
  const described = input.variants.flatMap(({ name, description }, i) =>
    description && shared === undefined ? [{ name, description, i }] : [],
  );
  const whole = [...new Set([experiment.description, shared])].filter((text) => text !== undefined && text !== "");
  return documentHtml({
    title: experiment.question || experiment.name,
    header: html`<header>
${experiment.question ? html`<p class="kicker">${experiment.name}</p>` : ""}
<h1>${experiment.question || experiment.name}</h1>
${whole.map((text) => html`<p class="question">${text}</p>`)}
${described.length > 0 ? html`<ul class="variants">${described.map(({ name, description, i }) => html`<li><span class="swatch v${i}"></span><b>${name}</b>: ${description}</li>`)}</ul>` : ""}
</header>`,
    sections: parts.sections.map((section) => ({ section, body: sectionHtml(section, around) })),
    looks: page.variants,
    sprites: page.sprites,
    data: jsonForPage(machineReadable(input, parts)),
    scripts: pageScripts(),
  });
}
