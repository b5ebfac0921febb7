import { type ArtifactStore, fetchArtifact } from "../artifact/io.js";
import type { ArtifactKind, ArtifactTypes, ChartFigure } from "../artifact/types.js";
import type { ChartSource, VariantLook } from "./chart.js";
import { looksOf } from "./looks.js";
import type { ReportInput, ReportVariant } from "./types.js";

/** A variant with what it left behind. Artifacts are read when somebody asks. */
export interface Variant {
  readonly look: VariantLook;
  readonly input: ReportVariant;
  readonly artifacts: ChartSource["artifacts"];
  readonly figures: readonly ChartFigure[];
}

/** Throws `DamagedEntry` where the store's bytes are not what they should be: the caller makes them anew. */
export function gather(input: ReportInput, store: ArtifactStore): readonly Variant[] {
  const looks = looksOf(
    input.variants.map((variant) => variant.name),
    input.experiment.baseline,
  );
  return input.variants.map((variant, i) => {
    const artifacts = lazyArtifacts(variant, store);
    return { look: looks[i] as VariantLook, input: variant, artifacts, figures: artifacts.figures?.charts ?? [] };
  });
}

/** How long training took, where times were asked for and it ran in this run: from the cache it takes none. */
export function trainingMs({ input }: Variant): number | null {
  const timing = input.stages.find((stage) => stage.kind === "train")?.timing;
  return timing?.status === "ran" ? timing.durationMs : null;
}

/** An object whose properties are read from the store at first use, and are absent where there is no such artifact. */
function lazyArtifacts(variant: ReportVariant, store: ArtifactStore): ChartSource["artifacts"] {
  const read: { [K in ArtifactKind]?: ArtifactTypes[K] } = {};
  const lazy = {};
  for (const [name, digest] of Object.entries(variant.artifacts)) {
    const kind = name as ArtifactKind;
    Object.defineProperty(lazy, kind, {
      enumerable: true,
      get() {
        read[kind] ??= fetchArtifact(store, kind, digest) as never;
        return read[kind];
      },
    });
  }
  return lazy;
}
