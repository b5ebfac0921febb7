import { shortDigest } from "../../base/digest.js";
import { shownKind } from "../../base/own-kind.js";
import type { Block, Cell, Section } from "../block.js";
import { formatNumber, listed } from "../format.js";
import type { Variant } from "../gather.js";
import type { ReportInput, ReportProvenance } from "../types.js";

/** How the numbers came about: enough to make them again. */
export function provenance(input: ReportInput, variants: readonly Variant[]): Section[] {
  const own = variants.map((variant) => ({
    name: variant.look.name,
    facts: new Map([
      ...originFacts(variant.input.provenance ?? input.provenance),
      ["seed", String(variant.input.seed)] as const,
    ]),
  }));
  const whats = [...new Set(own.flatMap(({ facts }) => [...facts.keys()]))];
  const rows = whats.flatMap((what): Cell[][] => {
    const values = new Map<string, string[]>();
    for (const { name, facts } of own) {
      const value = facts.get(what) ?? "–";
      values.set(value, [...(values.get(value) ?? []), name]);
    }
    // What all variants share needs no names.
    return [...values].map(([value, names]) => [values.size === 1 ? what : `${what} of ${listed(names)}`, value]);
  });
  const blocks: Block[] = [
    {
      type: "table",
      id: "provenance-versions",
      title: "Origin",
      tools: false,
      table: { columns: [{ label: "What" }, { label: "Value" }], rows },
      fold: 24,
    },
    stageTable(variants),
    ...variants.map(
      (variant): Block => ({
        type: "code",
        title: `${variant.look.name}: resolved YAML`,
        text: variant.input.resolvedYaml,
      }),
    ),
  ];
  return [{ id: "provenance", title: "Provenance", blocks }];
}

function originFacts({ command, engine, git, versions }: ReportProvenance): (readonly [string, string])[] {
  return [
    ["command", command],
    ["engine", `${engine.name} ${engine.version}${engine.note ? ` (${engine.note})` : ""}`],
    ["git", git === null ? "not in a git checkout" : `${git.commit}${git.dirty ? ", with uncommitted changes" : ""}`],
    ...Object.entries(versions),
  ];
}

function stageTable(variants: readonly Variant[]): Block {
  const stages = variants.flatMap((variant) => variant.input.stages.map((stage) => ({ variant, stage })));
  const timed = stages.some(({ stage }) => stage.timing !== undefined);
  return {
    type: "table",
    id: "provenance-stages",
    title: "Stages",
    fold: 24,
    note: "A fingerprint names all that a stage's output depends on; equal fingerprints are the same work.",
    table: {
      columns: [
        { label: "Variant" },
        { label: "Stage" },
        { label: "Kind" },
        { label: "Status" },
        { label: "Fingerprint" },
        ...(timed ? [{ label: "Time", unit: "s" }] : []),
      ],
      rows: stages.map(({ variant, stage }): Cell[] => [
        { value: variant.look.name, variant: variant.look.index },
        stage.name,
        shownKind(stage.kind),
        statusCell(stage.timing?.status ?? stage.status),
        stage.fingerprint === null ? "–" : shortDigest(stage.fingerprint),
        ...(timed
          ? [
              stage.timing
                ? { value: stage.timing.durationMs / 1000, text: formatNumber(stage.timing.durationMs / 1000) }
                : null,
            ]
          : []),
      ]),
    },
  };
}

function statusCell(status: string): Cell {
  return status === "failed" ? { value: status, tone: "bad" } : status;
}
