/** The ports of a stage of the project's own: `{ dataset: "dataset", weights: { type: "weights", of: "model" } }`. */
import { codecs } from "../artifact/codecs/index.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { isObject, type Json, type JsonObject } from "../base/json.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import { inWords, wrong } from "./wrong.js";

/** What ports can be of; a report is no stage's to make. */
const TYPES = Object.keys(codecs).filter((type) => type !== "report");

/** What an input says besides its type, and the JavaScript type of it. */
const FACTS: Readonly<Record<string, string>> = {
  type: "string",
  optional: "boolean",
  of: "string",
  foreign: "boolean",
};

export function portComplaints({ inputs = {}, outputs = {} }: Readonly<Record<string, unknown>>): Diagnostic[] {
  if (!isObject(inputs as Json) || !isObject(outputs as Json)) return [];
  const taken = Object.entries(inputs as JsonObject);
  const names = taken.map(([name]) => name);
  const isPort = (port: Json): port is JsonObject => isObject(port) && typeof port.type === "string";
  return [
    ...taken.flatMap(([name, port]) => (isPort(port) ? factComplaints(name, port, names) : typeComplaints(name, port))),
    ...Object.entries(outputs as JsonObject).flatMap(([name, type]) => typeComplaints(name, type)),
  ];
}

function factComplaints(name: string, port: JsonObject, inputs: readonly string[]): Diagnostic[] {
  const others = inputs.filter((input) => input !== name);
  const { of } = port;
  return [
    ...typeComplaints(name, port.type as Json),
    ...Object.entries(port).flatMap(([fact, value]) => {
      const expected = Object.hasOwn(FACTS, fact) ? FACTS[fact] : undefined;
      if (expected === undefined) {
        const fix = didYouMean(fact, Object.keys(FACTS)) ?? "Remove it.";
        return [wrong(`the port \`${name}\` has no \`${fact}\``, undefined, oneOf(Object.keys(FACTS)), fix)];
      }
      if (typeof value === expected) return [];
      const what = `\`${fact}\` of the port \`${name}\` has the wrong type`;
      return [wrong(what, inWords(value), expected === "string" ? "a text" : "true or false", "Correct it.")];
    }),
    ...(typeof of !== "string" || others.includes(of)
      ? []
      : [
          wrong(
            `the port \`${name}\` is \`of\` an input that there is not`,
            inWords(of),
            others.length === 0 ? "the name of another input" : oneOf(others),
            didYouMean(of, others) ?? "Name another input of the stage.",
          ),
        ]),
  ];
}

function typeComplaints(name: string, type: Json): Diagnostic[] {
  if (typeof type !== "string") {
    const fix = `Write \`${name}: "dataset"\`.`;
    return [wrong(`the port \`${name}\` has no type`, inWords(type), 'a type such as "dataset"', fix)];
  }
  if (TYPES.includes(type)) return [];
  const fix = didYouMean(type, TYPES) ?? "Name a type of artifact.";
  return [wrong(`the port \`${name}\` has a type that there is not`, inWords(type), oneOf(TYPES), fix)];
}
