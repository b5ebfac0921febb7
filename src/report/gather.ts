import { type ArtifactStore, fetchArtifact } from "../artifact/io.js";
import type { ArtifactKind, ArtifactTypes, ChartFigure, History } from "../artifact/types.js";
import type { Digest } from "../base/digest.js";
import type { EpochMetrics } from "../base/event.js";
import type { ChartSource, VariantLook, ViewKind } from "./chart.js";
import { lineage, type Made } from "./lineage.js";
import { looksOf } from "./looks.js";
import type { ReportInput, ReportStage, ReportVariant } from "./types.js";

/** A variant and its artifacts, as seen from one of its stages. Artifacts are read at first use. */
export interface Variant {
  readonly look: VariantLook;
  readonly input: ReportVariant;
  /** The stage whose view it is; null for the variant as a whole. */
  readonly stage: ReportStage | null;
  /** The stage's outputs, its inputs, and what those were made from. */
  readonly artifacts: ChartSource["artifacts"];
  /** Which stage made each of them. */
  readonly makers: ReadonlyMap<string, ReportStage>;
  /** Of the charts' stages that saw what this stage made. */
  readonly figures: readonly ChartFigure[];
  /** Epochs of a training that did not come to its end. */
  readonly partialHistory?: readonly EpochMetrics[];
  /** Of the model that it has, in the order of their stages. */
  trainings(): readonly History[];
  /** How long the training took, where times are wanted and it ran in this run; null from the cache. */
  readonly trainingMs: number | null;
}

/** All variants of a report. */
export interface Gathered {
  /** As wholes, in the order of the report. */
  readonly variants: readonly Variant[];
  /**
   * As seen from every stage that made an artifact of this kind: a variant that measured twice has two views, named
   * `variant · stage`. One that made it once or not at all has one, under its own name.
   */
  by(kind: ViewKind): readonly Variant[];
  /** Of the variants, then of every other name that a view has. */
  readonly looks: readonly VariantLook[];
}

const VIEWS: readonly ViewKind[] = ["metrics", "history", "model", "figures"];

/**
 * Throws `DamagedEntry` where the store's bytes are damaged; the caller makes them again.
 * @param order places of the names in `looksOf`, best first: the first get the colours, where those do not suffice.
 */
export function gather(input: ReportInput, store: ArtifactStore, order: readonly number[] = []): Gathered {
  const drafts = new Map(VIEWS.map((kind) => [kind, input.variants.flatMap((variant) => viewsOf(variant, kind))]));
  const wholes = input.variants.map(wholeOf);
  const all = [...wholes, ...VIEWS.flatMap((kind) => drafts.get(kind) ?? [])];
  const names = [...new Set(all.map(({ name }) => name))];
  const { baseline } = input.experiment;
  // Of several measurements of the baseline, the last is the one to compare with.
  const bases = new Set(all.filter(({ variant, last }) => variant.name === baseline && last).map(({ name }) => name));
  const measured = drafts.get("metrics")?.find(({ name }) => bases.has(name))?.name ?? baseline;
  const looks = looksOf(names, measured, order).map((look) => ({ ...look, baseline: bases.has(look.name) }));
  const byName = new Map(looks.map((look) => [look.name, look]));
  const reader = remembering(store);
  const finished = (list: readonly Draft[]) =>
    list.map((draft) => finish(draft, byName.get(draft.name) as VariantLook, reader));
  const views = new Map([...drafts].map(([kind, list]) => [kind, finished(list)]));
  return { variants: finished(wholes), by: (kind) => views.get(kind) ?? [], looks };
}

/** A view before it has a look. */
interface Draft {
  readonly name: string;
  readonly variant: ReportVariant;
  readonly stage: ReportStage | null;
  /** No other stage of the variant made such an artifact. */
  readonly only: boolean;
  /** No later stage of the variant made such an artifact. */
  readonly last: boolean;
}

function wholeOf(variant: ReportVariant): Draft {
  return { name: variant.name, variant, stage: null, only: true, last: true };
}

function viewsOf(variant: ReportVariant, kind: ViewKind): readonly Draft[] {
  const stages = variant.stages.filter((stage) => makes(stage, kind));
  if (stages.length === 0) return [wholeOf(variant)];
  const only = stages.length === 1;
  return stages.map((stage, i) => ({
    name: only ? variant.name : `${variant.name} · ${stage.name}`,
    variant,
    stage,
    only,
    last: i === stages.length - 1,
  }));
}

function makes(stage: ReportStage, kind: ArtifactKind): boolean {
  return (
    stage.outputs.some((output) => output.kind === kind) || (kind === "history" && stage.partialHistory !== undefined)
  );
}

function finish({ variant, stage, only }: Draft, look: VariantLook, reader: Reader): Variant {
  // Where there is no choice, a view shows what its stage did not see, too.
  const made = new Map([
    ...(only ? lastOfEachKind(variant) : []),
    ...(stage === null ? [] : lineage(stage, variant.stages)),
  ]);
  const unfinished = stage ?? variant.stages.findLast(({ partialHistory }) => partialHistory !== undefined);
  const partialHistory = unfinished?.partialHistory;
  // The history that an unfinished training continued is not its own.
  if (partialHistory !== undefined) made.delete("history");
  const timing = made.get("history")?.stage.timing;
  return {
    look,
    input: variant,
    stage,
    artifacts: lazyArtifacts(made, reader),
    makers: new Map([...made].map(([kind, one]) => [kind, one.stage])),
    figures: figuresOf(variant, stage, only).flatMap((digest) => reader("figures", digest).charts),
    trainings: () => trainingsOf(variant, made.get("model")?.stage).map((digest) => reader("history", digest)),
    trainingMs: timing?.status === "ran" ? timing.durationMs : null,
    ...(partialHistory && { partialHistory }),
  };
}

function trainingsOf({ stages }: ReportVariant, model: ReportStage | undefined): readonly Digest[] {
  if (model === undefined) return [];
  const own = stages.filter((stage) => lineage(stage, stages).get("model")?.stage === model);
  return own.flatMap(({ outputs }) => outputs.flatMap(({ kind, digest }) => (kind === "history" ? [digest] : [])));
}

function lastOfEachKind({ stages }: ReportVariant): ReadonlyMap<string, Made> {
  return new Map(
    stages.flatMap((stage) => stage.outputs.map(({ kind, digest }) => [kind, { stage, digest }] as const)),
  );
}

/** The figures whose stage saw what this one made; all, where none did and there is no choice. */
function figuresOf({ stages }: ReportVariant, stage: ReportStage | null, only: boolean): readonly Digest[] {
  const drawn = stages.flatMap((by) =>
    by.outputs.flatMap(({ kind, digest }) => (kind === "figures" ? [{ by, digest }] : [])),
  );
  const seen = drawn.filter(
    ({ by }) => by === stage || [...lineage(by, stages).values()].some((one) => one.stage === stage),
  );
  return (seen.length === 0 && only ? drawn : seen).map(({ digest }) => digest);
}

type Reader = <K extends ArtifactKind>(kind: K, digest: Digest) => ArtifactTypes[K];

/** Every artifact is read once, however many views it is in. */
function remembering(store: ArtifactStore): Reader {
  const read = new Map<Digest, unknown>();
  return (kind, digest) => {
    if (!read.has(digest)) read.set(digest, fetchArtifact(store, kind, digest));
    return read.get(digest) as never;
  };
}

/** An object whose properties are read from the store at first use, and are absent where there is no such artifact. */
function lazyArtifacts(made: ReadonlyMap<string, Made>, reader: Reader): ChartSource["artifacts"] {
  const lazy = {};
  for (const [name, { digest }] of made) {
    const kind = name as ArtifactKind;
    Object.defineProperty(lazy, kind, { enumerable: true, get: () => reader(kind, digest) });
  }
  return lazy;
}
