/** What a file of own code exports, checked: after this it is known to be a definition. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { JsonObject } from "../base/json.js";
import type { OwnFamily } from "../base/own-kind.js";
import { err, ok, type Result } from "../base/result.js";
import { didYouMean, oneOf, withArticle } from "../base/suggest.js";
import { portComplaints } from "./ports.js";
import { inWords, wrong } from "./wrong.js";

/** A definition whose members have the types that its family requires. */
export type Definition = Readonly<Record<string, unknown>>;

interface Member {
  /** Unless given, its type is not looked at. */
  readonly is?: "function" | "object" | "text" | "boolean" | "whole number" | "list";
  readonly needed?: true;
  /** The values that it may have. */
  readonly among?: readonly string[];
}
interface Form {
  readonly one: string;
  /** The function that types it. */
  readonly by: string;
  readonly members: Readonly<Record<string, Member>>;
  /** One of these must be there. */
  readonly oneOf?: readonly string[];
}

const schema: Member = { is: "object" };
const yes: Member = { is: "boolean" };

const FORMS: Readonly<Record<OwnFamily, Form>> = {
  stages: {
    one: "stage",
    by: "defineStage",
    members: {
      schema,
      inputs: { is: "object" },
      outputs: { is: "object", needed: true },
      version: { is: "whole number" },
      seeded: yes,
      engine: yes,
      run: { is: "function", needed: true },
    },
  },
  layers: {
    one: "layer",
    by: "defineLayer",
    members: {
      schema,
      shape: { is: "function", needed: true },
      inputs: { is: "list" },
      rank: { is: "whole number" },
      picture: { is: "text", among: ["makes", "keeps"] },
      keeps: { is: "text", among: ["order", "numbers", "range", "use"] },
      indices: { is: "function" },
      endsWith: { is: "function" },
      withoutEnd: { is: "function" },
      cost: { is: "function" },
      // `"passes"`, or a function.
      mask: {},
      page: { is: "function" },
      own: { is: "object" },
      stock: { is: "object" },
      build: { is: "function" },
    },
    oneOf: ["own", "stock", "build"],
  },
  losses: {
    one: "loss",
    by: "defineLoss",
    members: {
      schema,
      output: { is: "text", among: ["any", "unit", "distribution"] },
      reconstruction: yes,
      errors: { is: "function", needed: true },
    },
  },
  metrics: {
    one: "metric",
    by: "defineMetric",
    members: {
      schema,
      name: { is: "text" },
      better: { is: "text", needed: true, among: ["higher", "lower"] },
      unit: { is: "text" },
      start: { is: "function", needed: true },
    },
  },
  optimizers: { one: "optimizer", by: "defineOptimizer", members: { schema, step: { is: "function", needed: true } } },
  charts: {
    one: "chart",
    by: "defineChart",
    members: {
      schema,
      title: { is: "text" },
      collect: { is: "function", needed: true },
      recover: { is: "function" },
      draw: { is: "function", needed: true },
    },
  },
};

type Checked<T> = Result<T, readonly Diagnostic[]>;

/** The definition that a module exports by default, and what it holds besides its functions. */
export function definitionOf(
  family: OwnFamily,
  exported: unknown,
): Checked<{ readonly definition: Definition; readonly description: JsonObject }> {
  const form = FORMS[family];
  const expected = `export default ${form.by}({ … })`;
  if (typeof exported !== "object" || exported === null || Array.isArray(exported)) {
    const received = exported === undefined ? "no default export" : `a default export that is ${inWords(exported)}`;
    return err([wrong(`the file exports no ${form.one}`, received, expected, `Write \`${expected}\`.`)]);
  }
  const definition = exported as Definition;
  const other = familyOf(definition, family);
  if (other !== undefined) {
    const message = `the file exports ${withArticle(other.one)}, and here stands ${withArticle(form.one)}`;
    return err([
      wrong(message, `what ${other.by} takes`, expected, `Name a file that exports ${withArticle(form.one)}.`),
    ]);
  }
  const complaints = [
    ...memberComplaints(definition, form),
    ...(family === "stages" ? portComplaints(definition) : []),
  ];
  if (complaints.length > 0) return err(complaints);
  const description = descriptionOf(definition, form);
  return description.ok ? ok({ definition, description: description.value }) : description;
}

/** Another family that the definition fits, where it does not fit the one that is wanted. */
function familyOf(definition: Definition, family: OwnFamily): Form | undefined {
  if (fits(definition, FORMS[family])) return undefined;
  const other = familyOfDefinition(definition);
  return other && FORMS[other];
}

/** The family whose needed members a definition has. */
export function familyOfDefinition(definition: Definition): OwnFamily | undefined {
  const families = Object.keys(FORMS) as OwnFamily[];
  return families.find((family) => fits(definition, FORMS[family]));
}

function fits(definition: Definition, { members }: Form): boolean {
  return Object.entries(members).every(([name, { needed }]) => needed !== true || definition[name] !== undefined);
}

function memberComplaints(definition: Definition, form: Form): readonly Diagnostic[] {
  const known = Object.keys(form.members);
  const complaints: Diagnostic[] = [];
  for (const name of Object.keys(definition).filter((key) => !known.includes(key))) {
    const fix = didYouMean(name, known) ?? "Remove it.";
    complaints.push(wrong(`${withArticle(form.one)} has no \`${name}\``, undefined, oneOf(known), fix));
  }
  for (const [name, member] of Object.entries(form.members)) {
    const value = definition[name];
    if (value === undefined) {
      if (member.needed) complaints.push(missing(form, name, expectedOf(member)));
    } else if (!isA(member, value)) {
      complaints.push(
        wrong(`\`${name}\` of the ${form.one} has the wrong type`, inWords(value), expectedOf(member), "Correct it."),
      );
    }
  }
  if (form.oneOf?.every((name) => definition[name] === undefined)) {
    complaints.push(missing(form, form.oneOf[0] as string, `${form.oneOf.join(", or ")}`));
  }
  return complaints;
}

function isA({ is, among }: Member, value: unknown): boolean {
  if (among !== undefined) return typeof value === "string" && among.includes(value);
  if (is === "whole number") return Number.isSafeInteger(value) && (value as number) >= 0;
  if (is === "list") return Array.isArray(value);
  if (is === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (is === "text") return typeof value === "string" && value !== "";
  return is === undefined || typeof value === is;
}

function expectedOf({ is, among }: Member): string {
  if (among !== undefined) return oneOf(among);
  return is === "boolean" ? "true or false" : withArticle(is ?? "value");
}

/** Everything but functions, as JSON. */
function descriptionOf(definition: Definition, form: Form): Checked<JsonObject> {
  const said = Object.entries(definition).filter(
    ([name, value]) => typeof value !== "function" && !["own", "stock"].includes(name) && value !== undefined,
  );
  try {
    const description = JSON.parse(JSON.stringify(Object.fromEntries(said))) as JsonObject;
    const functions = Object.keys(definition).filter((name) => typeof definition[name] === "function");
    return ok({ ...description, functions });
  } catch (error) {
    return err([
      wrong(
        `the definition of the ${form.one} holds what is no JSON`,
        (error as Error).message,
        "plain data",
        "Correct it.",
      ),
    ]);
  }
}

function missing(form: Form, name: string, expected: string): Diagnostic {
  return wrong(`${withArticle(form.one)} needs \`${name}\``, undefined, expected, `Add \`${name}\` to \`${form.by}\`.`);
}
