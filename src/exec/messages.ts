/** Every text that the executor shows, so that they can be read side by side. */
import { basename } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { type Digest, shortDigest } from "../base/digest.js";
import { diskFailure } from "../base/disk-failure.js";
import type { JsonPath } from "../base/json.js";
import { codeOf, shownKind } from "../base/own-kind.js";
import type { PlanNode } from "../plan/types.js";
import { deathOf } from "./death.js";
import { layerPath } from "./layer-path.js";
import type { TaskOutcome } from "./protocol.js";

type Stage = PlanNode["stage"];

/**
 * Gives a stage's complaint its place in the YAML: what a stage knows is a path into its parameters, or the name of a layer.
 * @param build the stage that made its model, where it has one.
 */
export function locate(stage: Stage, diagnostic: Diagnostic, build?: Stage): Diagnostic {
  if (diagnostic.at !== undefined) return diagnostic;
  const { path, layer, ...rest } = diagnostic;
  const described = build && layer !== undefined ? layerPath(build.params, layer) : null;
  return { ...rest, ...(build && described ? placed(build, described) : placed(stage, path)) };
}

/** Its place in the YAML; the report has none. */
function placed({ locate }: Stage, path: JsonPath = []): Pick<Diagnostic, "at"> {
  return locate === undefined ? {} : { at: locate(path) };
}

/** A stage's complaint about a file that its parameters name. */
export function cannotRead(file: string, path: JsonPath, error: unknown): Diagnostic {
  const message = `${basename(file)} cannot be read`;
  return {
    code: "unreadable-file",
    severity: "error",
    message,
    path,
    received: (error as Error).message,
    fix: "Check the file's permissions and its disk.",
  };
}

/** @param path its place in the stage's parameters. */
export function fileChanged(stage: Stage, path: JsonPath): Diagnostic {
  const file = stage.files.find((candidate) => JSON.stringify(candidate.path) === JSON.stringify(path));
  return {
    code: "file-changed",
    severity: "error",
    message: `${basename(file?.absolute ?? stage.name)} was changed after the run began, and before ${stage.name} read it`,
    ...placed(stage, path),
    expected: "files that stay as they are from the plan until they are read",
    fix: "Run again: what did not depend on it is stored.",
  };
}

export function producerDamaged(stage: string, digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "warning",
    message: `the stored output of ${stage} is damaged (${shortDigest(digest)}) and will be made again`,
    fix: "Run `pipe cache verify` to check the rest of the cache.",
  };
}

/** Why what a node reads is damaged still, after all that could be done. */
export function unrepaired({ stage, regardless }: Pick<PlanNode, "stage" | "regardless">, digest: Digest): Diagnostic {
  if (regardless) return artifactGone(digest);
  return stage.given === undefined ? damageRepeated(stage, digest) : givenGone(stage, digest);
}

function damageRepeated(stage: Stage, digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "error",
    message: `an input of ${stage.name} cannot be read (${shortDigest(digest)}), also after it was made again`,
    ...placed(stage),
    fix: "Check the disk that holds the runs directory, or choose another with --runs.",
  };
}

/** What another run stored is made again by that one only. */
function givenGone(stage: Stage, digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "error",
    message: `what ${stage.name} takes from another run is gone from the cache, or damaged (${shortDigest(digest)})`,
    ...placed(stage),
    fix: "Run that experiment again.",
  };
}

export function retryAfterLoss(stage: Stage, reason: string): Diagnostic {
  return {
    code: "worker-lost",
    severity: "warning",
    message: `${stage.name} lost its process: ${reason}; it is tried once more`,
    ...placed(stage),
    fix: "Nothing is to be done yet; if it happens often, lower --jobs.",
  };
}

export function lostTwice(stage: Stage, reason: string): Diagnostic {
  return {
    code: "worker-lost",
    severity: "error",
    message: `${stage.name} lost its process twice: ${reason}`,
    ...placed(stage),
    fix: /memory ran out/.test(reason)
      ? "Lower --jobs, the batch size or the model."
      : codeOf(stage.kind) !== undefined
        ? `See what ${shownKind(stage.kind)} does. All that the process said is in the run's worker.log.`
        : "A library failed, not your pipeline: try another --engine, or another version of Node. All that the process said is in the run's worker.log.",
  };
}

/** @param why which engines would have come first, and what keeps them away. */
export function engineFellBack(engine: string, why: string): Diagnostic {
  return {
    code: "engine-fallback",
    severity: "warning",
    message: `${engine} computes, which is slower: ${why}`,
    fix: "Run `pipe doctor` to see what is missing.",
  };
}

/** Why an attempt failed, in a few words. */
export function whyNot(outcome: Exclude<TaskOutcome, { status: "done" }>): string {
  if (outcome.status === "failed") {
    const said = ({ message, received }: Diagnostic) =>
      [message, ...(received?.split("\n").slice(0, 1) ?? [])].join(": ");
    return outcome.diagnostics.map(said).join("; ");
  }
  return outcome.status === "lost" ? outcome.reason : `its input ${shortDigest(outcome.digest)} is damaged`;
}

export function reportFailed(causes: readonly Diagnostic[]): Diagnostic {
  return {
    code: "report-failed",
    severity: "error",
    message: `the report could not be made: ${causes.map(({ message }) => message).join("; ")}`,
    fix: `${causes.find(({ fix }) => fix !== undefined)?.fix ?? "The results are stored."} Then try \`pipe report latest\`.`,
  };
}

/** A run that was made with own code is shown or exported without running it. */
export function ownCodeRefused(name: string): Diagnostic {
  return {
    code: "own-code-refused",
    severity: "error",
    message: `${shownKind(name)} is code of the project's own, which --no-own-code refuses`,
    fix: "Leave --no-own-code away if you trust the code that the run was made with.",
  };
}

export function exportLost(reason: string): Diagnostic {
  return {
    code: "worker-lost",
    severity: "error",
    message: `the process that makes the files was lost: ${reason}`,
    fix: "Try it again with fewer other programs beside it.",
  };
}

export function artifactGone(digest: Digest): Diagnostic {
  return {
    code: "cache-damaged",
    severity: "error",
    message: `an artifact of the run is gone or damaged (${shortDigest(digest)})`,
    fix: "Run the experiment again: what is missing is made anew.",
  };
}

/**
 * What became of a process, in words. Node reports a signal, or a code where the system has no signals.
 * @param words the most telling line that it wrote to standard error, empty if none.
 */
export function deathReason(code: number | null, signal: string | null, words: string): string {
  const death = deathOf(code, signal, words);
  const said = words === "" ? "" : `; it said: ${words}`;
  switch (death.kind) {
    case "killed":
      return `the system killed it (SIGKILL), most likely because memory ran out${said}`;
    case "memory":
      return `memory ran out (${death.signal})${said}`;
    case "crash":
      return `it crashed (${death.signal})${said}`;
    case "exit":
      return `it exited with code ${death.code}${said}`;
    case "signal":
      return `it died of ${death.signal}${said}`;
  }
}

/** What to say of an exception that was not foreseen where it came from: the disk's doing, or a bug. */
export function unforeseen(what: string, error: unknown): Diagnostic {
  return diskFailure(what, error) ?? internalError(what, error);
}

function internalError(what: string, error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const stack = process.env.PIPE_DEBUG === "1" && error instanceof Error ? error.stack : undefined;
  return {
    code: "internal-error",
    severity: "error",
    message: `${what} stopped on an unexpected error: ${message}`,
    ...(stack === undefined ? {} : { received: stack }),
    fix: "This is a bug in pipe or in the stage: please report it with the output of the same run under PIPE_DEBUG=1.",
  };
}

/** @param index of the chart among those that were tried. */
export function wrongChart(severity: Diagnostic["severity"], words: string, index: number): Diagnostic {
  return {
    code: "wrong-chart",
    severity,
    message:
      severity === "error"
        ? "Vega-Lite does not take the specification of this chart"
        : "Vega-Lite draws this chart otherwise than it is specified",
    received: words,
    fix: "Correct the specification; https://vega.github.io/vega-lite/docs/ describes what it may hold.",
    path: [index],
  };
}
