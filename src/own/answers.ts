/**
 * Results of functions of own layers, such as their shapes: computed in a worker, since no code of a project's own runs in the
 * process that reads pipelines, and kept, since the same question to the same code has the same answer.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, writeWhole } from "../base/disk.js";
import { canonicalJson, type Json } from "../base/json.js";
import { codeFolder } from "./home.js";

/** A function of a layer's definition that is asked before anything runs. */
export type Asked = "shape" | "indices" | "endsWith";

export interface Question {
  /** The layer's full name. */
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly code: string;
  readonly asked: Asked;
  readonly args: readonly Json[];
}

/** Null where the function gave nothing. */
export type Answer = { readonly value: Json } | { readonly failed: string; readonly at: string };

export class Answers {
  readonly #byCode = new Map<string, Map<string, Answer>>();
  readonly #open = new Map<string, Question>();

  /** The answer, or undefined, and then the question is among those that are open. */
  ask(question: Question): Answer | undefined {
    const answer = this.#of(question.code).get(keyOf(question));
    if (answer === undefined) this.#open.set(`${question.code} ${keyOf(question)}`, question);
    return answer;
  }

  /** Questions without an answer since this was asked last. */
  takeOpen(): readonly Question[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    return open;
  }

  learn(questions: readonly Question[], answers: readonly Answer[]): void {
    const touched = new Set<string>();
    questions.forEach((question, i) => {
      this.#of(question.code).set(keyOf(question), answers[i] as Answer);
      touched.add(question.code);
    });
    for (const code of touched) keep(code, this.#of(code));
  }

  #of(code: string): Map<string, Answer> {
    let known = this.#byCode.get(code);
    if (known === undefined) {
      known = recallAnswers(code);
      this.#byCode.set(code, known);
    }
    return known;
  }
}

function keyOf({ asked, args }: Question): string {
  return canonicalJson([asked, ...args]);
}

function pathOf(code: string): string {
  return join(codeFolder(), `${code}.answers.json`);
}

function recallAnswers(code: string): Map<string, Answer> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(pathOf(code), "utf8")) as Record<string, Answer>));
  } catch {
    return new Map();
  }
}

/** A disk that does not take it costs asking again. */
function keep(code: string, answers: ReadonlyMap<string, Answer>): void {
  try {
    makeFolder(codeFolder());
    writeWhole(pathOf(code), JSON.stringify(Object.fromEntries(answers)));
  } catch {}
}
