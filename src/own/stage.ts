import type { ArtifactKind, ArtifactTypes } from "../artifact/types.js";
import { DamagedEntry } from "../base/damaged.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { OwnCodeError } from "../base/own-failure.js";
import { shownKind } from "../base/own-kind.js";
import { err, ok, type Result } from "../base/result.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { StageContext } from "../stage.js";
import { loadOwn } from "./load.js";
import { notOfType } from "./outputs.js";
import { thrownIn } from "./trouble.js";

type Artifacts = Readonly<Record<string, ArtifactTypes[ArtifactKind]>>;
type Made = Result<Artifacts, readonly Diagnostic[]>;

/** A stage of the project's own, as the worker runs any other: what it throws or gives wrongly becomes diagnostics. */
export async function ownStage(kind: string) {
  const definition = await loadOwn("stages", kind);
  const run = definition.run as (context: StageContext, inputs: unknown) => unknown;
  const outputs = definition.outputs as Readonly<Record<string, string>>;
  const what = `the stage \`${shownKind(kind)}\``;
  return {
    async run(context: StageContext, inputs: unknown): Promise<Made> {
      let given: unknown;
      try {
        given = await run.call(definition, guarded(context), inputs);
      } catch (error) {
        if (isTheStores(error)) throw error;
        return err([thrownIn(what, error)]);
      }
      if (isResult(given) && !given.ok) return failure(what, given.error);
      const made = isResult(given) && given.ok ? given.value : given;
      const complaints = outputComplaints(what, made, outputs);
      return complaints.length > 0 ? err(complaints) : ok(made as Artifacts);
    },
  };
}

/** The context as own code gets it: what it says is checked, since nothing after it expects anything else. */
function guarded(context: StageContext): StageContext {
  return {
    ...context,
    progress(progress) {
      const { done, total, unit } = (progress ?? {}) as Partial<typeof progress>;
      if (![done, total].every(Number.isFinite) || typeof unit !== "string") {
        throw new OwnCodeError('`progress` takes { done: 1, total: 2, unit: "splits" }');
      }
      context.progress(progress);
    },
    warn(warning: unknown) {
      const said = typeof warning === "string" ? { message: warning } : warning;
      const { message } = (said ?? {}) as { readonly message?: unknown };
      if (typeof message !== "string") throw new OwnCodeError('`warn` takes a text, or { message: "…" }');
      context.warn({
        code: "own-code-warning",
        fix: "See the message of its code.",
        ...(said as { readonly message: string }),
        severity: "warning",
      });
    },
  };
}

/** What reading an artifact can throw is no fault of the code that reads it. */
function isTheStores(error: unknown): boolean {
  return error instanceof DamagedEntry || /^SQLITE/.test(String((error as { code?: unknown } | null)?.code));
}

function isResult(value: unknown): value is Result<unknown, unknown> {
  return typeof value === "object" && value !== null && typeof (value as { ok?: unknown }).ok === "boolean";
}

/** Complaints that a stage returned, in the form that all diagnostics have. */
function failure(what: string, given: unknown): Made {
  const list = (Array.isArray(given) ? given : [given]) as readonly (Partial<Diagnostic> | string)[];
  return err(
    list.map((one) => {
      const said = typeof one === "string" ? { message: one } : one;
      const message = typeof said.message === "string" ? said.message : `${what} failed`;
      return { code: "own-code-failed", fix: "See the message of its code.", ...said, severity: "error", message };
    }),
  );
}

function outputComplaints(
  what: string,
  made: unknown,
  outputs: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  const ports = Object.keys(outputs);
  const expected = `{ ${Object.entries(outputs)
    .map(([port, type]) => `${port}: a ${type}`)
    .join(", ")} }`;
  if (typeof made !== "object" || made === null || Array.isArray(made)) {
    return [wrongOutput(`${what} returned no outputs`, made === null ? "null" : typeof made, expected)];
  }
  const given = made as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((port) => !ports.includes(port));
  return [
    ...unknown.map((port) => ({
      ...wrongOutput(`${what} returned an output \`${port}\` that it does not have`, undefined, oneOf(ports)),
      fix: didYouMean(port, ports) ?? "Remove it, or name it among the `outputs`.",
    })),
    ...ports.flatMap((port) => {
      const type = outputs[port] as string;
      if (given[port] === undefined) return [wrongOutput(`${what} returned no \`${port}\``, undefined, expected)];
      const trouble = notOfType(type as ArtifactKind, given[port]);
      return trouble === null
        ? []
        : [wrongOutput(`the output \`${port}\` of ${what} is no ${type}`, trouble, `a ${type}`)];
    }),
  ];
}

function wrongOutput(message: string, received: string | undefined, expected: string): Diagnostic {
  const got = received === undefined ? {} : { received };
  return { code: "wrong-output", severity: "error", message, ...got, expected, fix: "Correct what `run` returns." };
}
