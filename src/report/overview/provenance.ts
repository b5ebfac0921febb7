import { shortDigest } from "../../base/digest.js";
import type { Block, Cell, Section } from "../block.js";
import { formatNumber } from "../format.js";
import type { Variant } from "../gather.js";
import type { ReportInput } from "../types.js";

/** How the numbers came about: enough to make them again. */
export function provenance(input: ReportInput, variants: readonly Variant[]): Section[] {
  const { provenance: origin } = input;
  const rows: Cell[][] = [
    ["command", origin.command],
    ["engine", `${origin.engine.name} ${origin.engine.version}${origin.engine.note ? ` (${origin.engine.note})` : ""}`],
    [
      "git",
      origin.git === null
        ? "not in a git checkout"
        : `${origin.git.commit}${origin.git.dirty ? ", with uncommitted changes" : ""}`,
    ],
    ...Object.entries(origin.versions).map(([name, version]): Cell[] => [name, version]),
    ...variants.map((variant): Cell[] => [`seed of ${variant.look.name}`, String(variant.input.seed)]),
  ];
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
        stage.kind,
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
