import type { Block, Section } from "../block.js";
import type { Gathered, Variant } from "../gather.js";
import { cautions } from "./choice.js";
import { differences } from "./differences.js";
import type { Comparison } from "./facts.js";
import { metricTables } from "./metrics.js";
import { trainings } from "./trainings.js";
import { verdict } from "./verdict.js";

/** Page one: the answer, what was compared, and the numbers. */
export function overview(comparison: Comparison | null, gathered: Gathered): Section[] {
  const { variants } = gathered;
  const answer: Block[] = [
    ...verdict(comparison),
    ...cautions(gathered.by("metrics")),
    ...troubles(variants),
    ...differences(variants, comparison),
  ];
  const sections: Section[] = [{ id: "answer", title: "Answer", blocks: answer }];
  const tables = [...(comparison === null ? [] : metricTables(comparison)), ...trainings(gathered.by("history"))];
  if (tables.length > 0) sections.push({ id: "metrics", title: "Metrics", blocks: tables });
  return sections;
}

/** How far the trainings of a variant that did not finish came. */
function epochsSeen({ input, partialHistory, artifacts }: Variant): string {
  const unfinished = input.stages.flatMap(({ name, partialHistory: seen }) =>
    seen ? [{ name, epochs: seen.length }] : [],
  );
  if (unfinished.length > 1) {
    const each = unfinished.map(({ name, epochs }) => `${epochs} of ${name}`);
    return ` The first epochs are shown: ${each.join(", ")}.`;
  }
  const epochs = partialHistory?.length ?? artifacts.history?.epochs ?? 0;
  return epochs > 0 ? ` Its first ${epochs === 1 ? "epoch is" : `${epochs} epochs are`} shown.` : "";
}

/** A card for each variant that did not finish: what went wrong, and how to mend it. */
function troubles(variants: readonly Variant[]): Block[] {
  return variants
    .filter((variant) => variant.input.status !== "done")
    .map((variant) => {
      const { status, stages } = variant.input;
      const failed = stages.find((stage) => stage.status === "failed");
      const seen = epochsSeen(variant);
      const where = failed ? ` in stage ${failed.name}` : "";
      const why = (failed?.diagnostics ?? [])
        .map(({ message, fix }) => ` ${sentence(message)}${fix ? ` ${sentence(fix)}` : ""}`)
        .join("");
      return {
        type: "notice",
        level: status === "failed" ? "error" : "warning",
        title: `${variant.look.name} ${status === "failed" ? "failed" : "was interrupted"}${where}.`,
        text: `${why.trim()}${seen}`,
      };
    });
}

/** Diagnostics are written without a capital and a full stop. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
