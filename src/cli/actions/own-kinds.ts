import { readFileSync } from "node:fs";
import type { Diagnostic } from "../../base/diagnostic.js";
import { shownKind } from "../../base/own-kind.js";
import { err, ok } from "../../base/result.js";
import { orList, withArticle } from "../../base/suggest.js";
import { builtIn } from "../../catalog/built-in.js";
import { type FailedSource, type OwnSource, withOwn } from "../../catalog/own.js";
import { compileSchema } from "../../catalog/own-schema.js";
import type { Catalog } from "../../catalog/types.js";
import { WorkerPool } from "../../exec/pool.js";
import type { AskTask, DescribeTask, TaskOutcome } from "../../exec/protocol.js";
import { type Answer, Answers, type Question } from "../../own/answers.js";
import { type CodeNote, partsOfCode, recall } from "../../own/note.js";
import type { OwnReference } from "../../spec/complaints.js";
import { shownPath } from "../paths.js";
import type { Diagnosed } from "./store.js";

/** How long the top of a file of own code may take, in seconds: it should only define something. */
const DESCRIBE_S = 20;

function limitSeconds(): number {
  const given = Number(process.env.PIPE_CODE_SECONDS);
  return given > 0 ? given : DESCRIBE_S;
}

interface Options {
  readonly cwd: string;
  /** Own code is refused. */
  readonly refuse: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads files with a catalog that knows the kinds of the project's own which they name. They are found by reading: what a
 * catalog lacks is noted, its code is looked at, and all is read again.
 */
export async function withOwnKinds<T>(
  read: (catalog: Catalog, onMissing: (reference: OwnReference) => void) => Diagnosed<T>,
  options: Options,
): Promise<Diagnosed<{ readonly value: T; readonly catalog: Catalog }>> {
  const sources: (OwnSource | FailedSource)[] = [];
  const complaints: Diagnostic[] = [];
  const describer = new Describer(options);
  const answers = new Answers();
  try {
    for (;;) {
      const catalog = sources.length === 0 ? builtIn : withOwn(builtIn, sources, answers);
      const missing = new Map<string, OwnReference>();
      const result = read(catalog, (reference) => missing.set(`${reference.family} ${reference.file}`, reference));
      const unknown = [...missing.values()].filter(
        ({ family, file }) => !sources.some((source) => source.family === family && source.file === file),
      );
      const questions = answers.takeOpen();
      if (questions.length > 0) {
        const answered = await describer.ask(questions);
        if (options.signal?.aborted) return err([stopped()]);
        if (!answered.ok) return err([...complaints, ...answered.error]);
        answers.learn(questions, answered.value);
        continue;
      }
      if (unknown.length === 0) {
        if (complaints.length > 0) return err([...complaints, ...(result.ok ? [] : result.error)]);
        return result.ok ? ok({ value: result.value, catalog }) : result;
      }
      for (const reference of unknown) {
        const source = await describer.source(reference);
        if (options.signal?.aborted) return err([stopped()]);
        if (!source.ok) complaints.push(...source.error);
        const { family, file } = reference;
        sources.push(source.ok ? source.value : { family, file, failed: true });
      }
    }
  } finally {
    await describer.close();
  }
}

/** Finds out what files of own code define: by what was noted of them, else in a worker that is started for it. */
class Describer {
  readonly #options: Options;
  #pool: WorkerPool | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  async source(reference: OwnReference): Promise<Diagnosed<OwnSource>> {
    const { family, file } = reference;
    if (this.#options.refuse) return err([refused(reference)]);
    const unreadable = cannotRead(reference, this.#options.cwd);
    if (unreadable !== null) return err([unreadable]);
    const known = recall(family, file);
    const note: Diagnosed<CodeNote> = known === null ? await this.#describe(reference) : ok(known);
    if (!note.ok) return note;
    const { code, description } = note.value;
    const schema = await compileSchema(description.schema as never);
    if (!schema.ok) return err([wrongSchema(reference, schema.error)]);
    return ok({ family, file, code, description, schema: schema.value, parts: partsOfCode(note.value) });
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #describe(reference: OwnReference): Promise<Diagnosed<CodeNote>> {
    const { family, file } = reference;
    const task: DescribeTask = { type: "describe", node: "describe", attempt: 1, family, file, storePath: "" };
    const [outcome, late] = await this.#run(task);
    if (outcome.status === "done" && outcome.note !== undefined) return ok(outcome.note);
    return err(located(reference, outcome, late));
  }

  async ask(questions: readonly Question[]): Promise<Diagnosed<readonly Answer[]>> {
    const task: AskTask = { type: "ask", node: "ask", attempt: 1, questions, storePath: "" };
    const [outcome, late] = await this.#run(task);
    if (outcome.status === "done" && outcome.answers !== undefined) return ok(outcome.answers);
    return err([unanswered(questions, outcome, late)]);
  }

  async #run(task: DescribeTask | AskTask): Promise<readonly [TaskOutcome, boolean]> {
    this.#pool ??= new WorkerPool({ slots: 1, log: () => {} });
    const limit = AbortSignal.timeout(limitSeconds() * 1000);
    const { signal } = this.#options;
    const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    return [await this.#pool.run(task, () => {}, stop), limit.aborted];
  }
}

/** The worker's complaints, at the place that names the file. */
function located(reference: OwnReference, outcome: TaskOutcome, late: boolean): readonly Diagnostic[] {
  if (outcome.status !== "failed") return [late ? endless(reference) : ended(reference, outcome)];
  return outcome.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: `${reference.written}: ${diagnostic.message}`,
    at: reference.at,
  }));
}

function stopped(): Diagnostic {
  const message = "stopped while own code was looked at; nothing was run";
  return { code: "interrupted", severity: "error", message, fix: "Run it again." };
}

function refused({ written, family, at }: OwnReference): Diagnostic {
  return {
    code: "own-code-refused",
    severity: "error",
    message: `${written} is code of the project's own, which --no-own-code refuses`,
    at,
    expected: `the name of ${withArticle(builtIn.one(family))} of the program`,
    fix: "Leave --no-own-code away if you trust this code as you trust a program that you run.",
  };
}

function cannotRead({ file, written, at }: OwnReference, cwd: string): Diagnostic | null {
  try {
    readFileSync(file);
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    return {
      code: missing ? "missing-file" : "unreadable-file",
      severity: "error",
      message: missing ? `there is no file ${shownPath(file, cwd)}` : `${written} cannot be read: ${message}`,
      at,
      fix: missing
        ? "Correct the path, which begins at the YAML file that it is written in, or create the file."
        : "Check the file's permissions.",
    };
  }
}

function wrongSchema({ written, at }: OwnReference, why: string): Diagnostic {
  return {
    code: "wrong-export",
    severity: "error",
    message: `${written}: \`schema\` is no JSON Schema of parameters: ${why}`,
    at,
    expected: 'a schema such as { type: "object", properties: { units: { type: "integer" } } }',
    fix: "Correct `schema` in that file.",
  };
}

function endless({ written, at }: OwnReference): Diagnostic {
  return {
    code: "own-code-failed",
    severity: "error",
    message: `${written} did not come to its end within ${limitSeconds()} s`,
    at,
    expected: "a file that defines something and computes nothing when it is imported",
    fix: "Move what takes long into the functions of the definition; PIPE_CODE_SECONDS gives more time.",
  };
}

function unanswered(questions: readonly Question[], outcome: TaskOutcome, late: boolean): Diagnostic {
  const names = [...new Set(questions.map(({ name }) => shownKind(name)))];
  const why = outcome.status === "lost" && !late ? outcome.reason : `no answer within ${limitSeconds()} s`;
  return {
    code: "own-code-failed",
    severity: "error",
    message: `the shape of ${orList(names)} could not be computed: ${why}`,
    fix: "Let `shape`, `indices` and `endsWith` compute quickly, from what they are given alone.",
  };
}

function ended({ written, at }: OwnReference, outcome: TaskOutcome): Diagnostic {
  const why = outcome.status === "lost" ? outcome.reason : "it gave no answer";
  return {
    code: "own-code-failed",
    severity: "error",
    message: `${written} ended the process that imported it: ${why}`,
    at,
    fix: "Leave ending a process to the program.",
  };
}
