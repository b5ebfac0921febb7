import type { Answer, Question } from "./answers.js";
import type { Definition } from "./definition.js";
import { answerOf, asLayer } from "./layer.js";
import { loadOwn } from "./load.js";
import { inShort } from "./trouble.js";

/** Runs the functions that are asked. Only a worker may. */
export async function answersTo(questions: readonly Question[]): Promise<readonly Answer[]> {
  const definitions = new Map<string, Definition>();
  const answers: Answer[] = [];
  for (const { name, asked, args } of questions) {
    try {
      const definition = definitions.get(name) ?? (await loadOwn("layers", name));
      definitions.set(name, definition);
      answers.push({ value: answerOf(asLayer(definition), asked, args) });
    } catch (error) {
      answers.push(inShort(error));
    }
  }
  return answers;
}
