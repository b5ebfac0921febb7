import { DamagedEntry } from "../../base/damaged.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { OutputRecord } from "../../base/event.js";
import { err, ok, type Result } from "../../base/result.js";
import { didYouMean, oneOf } from "../../base/suggest.js";
import type { Pipeline, Stage } from "../../spec/types.js";
import type { RunRecord, Store, VariantRecord } from "../../store/types.js";
import type { Diagnosed } from "./store.js";

type RunStore = Pick<Store, "listRuns" | "findRun" | "readManifest">;

/** The reference of a `weights` stage to a run. */
interface Asked {
  readonly run: string;
  readonly variant?: string;
  readonly stage?: string;
}

/**
 * Looks up the weights that stages take from other runs. From here on they are digests: which run they were found in
 * changes nothing, and is in no fingerprint.
 */
export function resolveRuns<E extends { readonly variants: readonly Pipeline[] }>(
  experiment: E,
  store: RunStore,
): Diagnosed<E> {
  const complaints: Diagnostic[] = [];
  const variants = experiment.variants.map((pipeline) => {
    const stages = pipeline.stages.map((stage): Stage => {
      if (stage.kind !== "weights" || typeof stage.params.run !== "string") return stage;
      const { run, variant, stage: maker, ...params } = stage.params;
      const found = weightsOf({ run, variant, stage: maker } as Asked, pipeline.name, store);
      if (found.ok) return { ...stage, params, given: { weights: found.value.digest } };
      const { path, ...complaint } = found.error;
      complaints.push({ ...complaint, at: stage.locate(path ?? ["run"]) });
      return stage;
    });
    return { ...pipeline, stages };
  });
  return complaints.length > 0 ? err(complaints) : ok({ ...experiment, variants });
}

function weightsOf(asked: Asked, own: string, store: RunStore): Result<OutputRecord, Diagnostic> {
  const record = runOf(asked, own, store);
  if (!record.ok) return record;
  const { run, variants } = record.value;
  const having = variants.filter((variant) => makersOf(variant).length > 0);
  const names = having.map(({ name }) => name);
  const [first, ...others] = asked.variant === undefined ? having : having.filter(({ name }) => name === asked.variant);
  if (first === undefined) return err(noVariant(run, asked.variant, names));
  if (others.length > 0) return err(severalVariants(run, names));
  const makers = makersOf(first);
  const maker = asked.stage === undefined ? makers.at(-1) : makers.find(({ name }) => name === asked.stage);
  if (maker === undefined)
    return err(
      noStage(
        run,
        first.name,
        asked.stage as string,
        makers.map(({ name }) => name),
      ),
    );
  try {
    store.readManifest(maker.output.digest);
  } catch (error) {
    if (error instanceof DamagedEntry) return err(gone(run, first.name));
    throw error;
  }
  return ok(maker.output);
}

function runOf({ run, variant }: Asked, own: string, store: RunStore): Result<RunRecord, Diagnostic> {
  if (run === "latest") {
    const has = ({ name, ...rest }: VariantRecord) =>
      (variant === undefined ? name !== own : name === variant) && makersOf({ name, ...rest }).length > 0;
    const record = store.listRuns().find(({ variants }) => variants.some(has));
    return record ? ok(record) : err(noRun(variant));
  }
  const found = store.findRun(run);
  return "run" in found ? ok(found.run) : err(unknownRun(run, found.candidates));
}

function makersOf({ stages }: VariantRecord): readonly { readonly name: string; readonly output: OutputRecord }[] {
  return stages.flatMap(({ name, outputs }) =>
    outputs.flatMap((output) => (output.kind === "weights" ? [{ name, output }] : [])),
  );
}

function noRun(variant: string | undefined): Diagnostic {
  return {
    code: "no-such-run",
    severity: "error",
    message:
      variant === undefined ? "no run has trained another variant" : `no run has trained a variant \`${variant}\``,
    fix: "Train it first, or name the folder of its run with --runs; `pipe list` shows the runs.",
  };
}

function unknownRun(run: string, candidates: readonly string[]): Diagnostic {
  return {
    code: "no-such-run",
    severity: "error",
    message: candidates.length === 0 ? `there is no run \`${run}\`` : `\`${run}\` is the beginning of several runs`,
    ...(candidates.length === 0 ? {} : { expected: oneOf(candidates) }),
    fix: "`pipe list` shows the runs.",
  };
}

function noVariant(run: string, variant: string | undefined, names: readonly string[]): Diagnostic {
  return {
    code: "unknown-variant",
    severity: "error",
    message:
      variant === undefined ? `${run} has no trained weights` : `${run} has no weights of a variant \`${variant}\``,
    ...(variant === undefined ? {} : { path: ["variant"] }),
    ...(names.length === 0 ? {} : { expected: oneOf(names) }),
    fix: (variant === undefined ? undefined : didYouMean(variant, names)) ?? "Name a variant that was trained.",
  };
}

function severalVariants(run: string, names: readonly string[]): Diagnostic {
  return {
    code: "unknown-variant",
    severity: "error",
    message: `${run} has weights of ${names.length} variants`,
    expected: oneOf(names),
    fix: "Say which: `variant: …`.",
  };
}

function noStage(run: string, variant: string, stage: string, names: readonly string[]): Diagnostic {
  return {
    code: "no-such-stage",
    severity: "error",
    message: `in ${run}, no stage \`${stage}\` of ${variant} made weights`,
    path: ["stage"],
    expected: oneOf(names),
    fix: didYouMean(stage, names) ?? "Name one of these.",
  };
}

function gone(run: string, variant: string): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "error",
    message: `the weights of ${variant} in ${run} are gone from the cache, or damaged`,
    fix: "Run that experiment again.",
  };
}
