import type { Json, JsonObject } from "../base/json.js";
import { OwnCodeError } from "../base/own-failure.js";
import { err, ok, type Result } from "../base/result.js";
import type { AnyLayer, Shape, Unfit } from "../layer.js";
import type { Answer, Answers, Asked } from "./answers.js";
import type { Definition } from "./definition.js";

type Outcome = Result<Shape, Unfit>;

/** A definition as the program calls layers: its `shape` may give a bare shape. Only where own code may run. */
export function asLayer(definition: Definition): AnyLayer {
  const layer = definition as unknown as AnyLayer & { shape(params: unknown, inputs: readonly Shape[]): unknown };
  return { ...layer, shape: (params: unknown, inputs: readonly Shape[]) => outcomeOf(layer.shape(params, inputs)) };
}

function outcomeOf(given: unknown): Outcome {
  if (isShape(given)) return ok(given);
  if (typeof given === "object" && given !== null && "ok" in given) {
    const outcome = given as Outcome;
    if (!outcome.ok || isShape(outcome.value)) return outcome;
  }
  throw new OwnCodeError(`\`shape\` must give a shape such as [28, 28, 1], and gave ${JSON.stringify(given)}`);
}

function isShape(value: unknown): value is Shape {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/**
 * The facts of a layer without its code: the results of its functions are requested, and are there at the next reading.
 * Until then its shape is a misfit that is not reported.
 */
export function describedLayer(name: string, code: string, description: JsonObject, answers: Answers): AnyLayer {
  const functions = description.functions as readonly string[];
  const ask = (asked: Asked, ...args: readonly unknown[]): Answer | undefined =>
    answers.ask({ name, code, asked, args: args as readonly Json[] });
  const given = (answer: Answer | undefined): Json | undefined =>
    answer !== undefined && "value" in answer && answer.value !== null ? answer.value : undefined;
  const { inputs, rank, picture, keeps } = description as unknown as Partial<AnyLayer>;
  return {
    ...(inputs && { inputs: [inputs[0], inputs[1] ?? Infinity] as const }),
    ...(rank && { rank }),
    ...(picture && { picture }),
    ...(keeps && { keeps }),
    shape(params: unknown, shapes: readonly Shape[]): Outcome {
      const answer = ask("shape", params, shapes);
      if (answer === undefined) return err({ received: "", expected: "", fix: "" });
      return "failed" in answer ? err(thrown(answer)) : (answer.value as unknown as Outcome);
    },
    ...(functions.includes("indices") && {
      indices: (params: unknown) => given(ask("indices", params)) as number,
    }),
    ...(functions.includes("endsWith") && {
      endsWith: (params: unknown) => given(ask("endsWith", params)) as never,
    }),
    own: { call: () => notHere(name) },
  };
}

function notHere(name: string): never {
  throw new Error(`the code of ${name} does not run here`);
}

function thrown({ failed, at }: { readonly failed: string; readonly at: string }): Unfit {
  return {
    code: "wrong-value",
    says: "cannot tell its shape",
    received: at === "" ? failed : `${failed}, at ${at}`,
    expected: "a shape such as [28, 28, 1]",
    fix: "Mend `shape` in its file.",
  };
}

/** The result of a layer's function, for the process that requested it. */
export function answerOf(layer: AnyLayer, asked: Asked, args: readonly Json[]): Json {
  const call = layer[asked] as ((...args: readonly unknown[]) => Json | Outcome | undefined) | undefined;
  return (call?.(...args) ?? null) as Json;
}
