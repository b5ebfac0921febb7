import { storedValues } from "../artifact/tensor.js";
import type { Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import { shorten } from "../base/suggest.js";

/** Weights to begin with instead of new ones, and how they are found among them. */
export interface InitialWeights {
  readonly weights: Weights;
  /** Beginning of the names there → of the model's names. The longest one that fits counts. */
  readonly rename: Readonly<Record<string, string>>;
  /** Weights of the model that are not among them, or of another shape, begin anew. */
  readonly partial: boolean;
}

/** A model's weights, in its order. */
type Wanted = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** What a model takes of the weights that it is given. */
export interface Taken {
  readonly values: Readonly<Record<string, Float32Array>>;
  /** Names of weights that are there in another shape, and begin anew. */
  readonly otherShape: readonly string[];
}

const PATH = ["initialWeights"];
/** How many names a message lists. */
const NAMED = 4;

/**
 * Finds a model's weights among others, by name and shape. Names are the same whether their parts are joined by `/`, `.`
 * or `_`: programs that keep weights differ in it.
 *
 * @param wanted the model's weights.
 * @returns diagnostics where something is missing that is not to begin anew, where nothing fits, or two fit one place.
 */
export function takeWeights(wanted: Wanted, initial: InitialWeights): Result<Taken, Diagnostic[]> {
  const { weights, rename, partial } = initial;
  const problems = unusedRenames(initial);
  const given = new Map<string, Weights["tensors"][number]>();
  for (const each of weights.tensors) {
    const key = plain(renamed(each.name, rename));
    const other = given.get(key);
    if (other !== undefined) problems.push(alike(other.name, each.name));
    given.set(key, each);
  }
  const found = wanted.map(({ name, shape }) => ({ name, shape, tensor: given.get(plain(name))?.tensor }));
  const missing = found.filter(({ tensor }) => tensor === undefined);
  const misshapen = found.filter(({ tensor, shape }) => tensor !== undefined && tensor.shape.join() !== shape.join());
  const fitting = found.filter((each) => each.tensor && !misshapen.includes(each));
  if (problems.length === 0 && (fitting.length === 0 || (!partial && fitting.length < found.length))) {
    problems.push(misfit(initial, wanted, { missing, misshapen, fitting }));
  }
  if (problems.length > 0) return err(problems);
  const values = fitting.flatMap(({ name, tensor }) =>
    tensor === undefined ? [] : [[name, Float32Array.from(storedValues(tensor))] as const],
  );
  const broken = values.flatMap(([name, numbers]) => (numbers.every(Number.isFinite) ? [] : [name]));
  if (broken.length > 0) return err([notNumbers(broken)]);
  return ok({ values: Object.fromEntries(values), otherShape: misshapen.map(({ name }) => name) });
}

/** The same name, whatever joins its parts. */
function plain(name: string): string {
  return name.replaceAll(/[/.]/g, "_");
}

function renamed(name: string, rename: InitialWeights["rename"]): string {
  const [from, to] = ruleFor(name, rename) ?? ["", ""];
  return `${to}${name.slice(from.length)}`;
}

/** The longest beginning that is the name, or whole parts of it. */
function ruleFor(name: string, rename: InitialWeights["rename"]): readonly [string, string] | undefined {
  return Object.entries(rename)
    .filter(([from]) => name === from || (name.startsWith(from) && /^[/._]/.test(name.slice(from.length))))
    .sort(([a], [b]) => b.length - a.length)[0];
}

function alike(one: string, other: string): Diagnostic {
  return {
    code: "wrong-weights",
    severity: "error",
    message: `two of the weights given are called alike: ${quoted(one)} and ${quoted(other)}`,
    path: [...PATH, "rename"],
    fix: "Rename one of them to something else.",
  };
}

function unusedRenames({ weights, rename }: InitialWeights): Diagnostic[] {
  const names = weights.tensors.map(({ name }) => name);
  const used = new Set(names.map((name) => ruleFor(name, rename)?.[0]));
  const beginnings = new Set(
    names.flatMap((name) => [...name.matchAll(/[/.]|$/g)].map(({ index }) => name.slice(0, index))),
  );
  return Object.keys(rename)
    .filter((from) => !used.has(from))
    .map((from) => ({
      code: "wrong-weights",
      severity: "error",
      message: `no weights that are given begin with ${quoted(from)}`,
      path: [...PATH, "rename", from],
      expected: `the beginning of one of them: ${listed([...beginnings])}`,
      fix: "Name one of these, or remove the line.",
    }));
}

type Found = readonly (Wanted[number] & { readonly tensor: Weights["tensors"][number]["tensor"] | undefined })[];

function misfit(
  { weights, partial }: InitialWeights,
  wanted: Wanted,
  { missing, misshapen, fitting }: Readonly<Record<"missing" | "misshapen" | "fitting", Found>>,
): Diagnostic {
  const shapes = misshapen.map(
    ({ name, shape, tensor }) => `${name} is [${tensor?.shape.join(", ")}], not [${shape.join(", ")}]`,
  );
  const absent = missing.length === 0 ? [] : [`no ${listed(missing.map(({ name }) => name))}`];
  return {
    code: "wrong-weights",
    severity: "error",
    message:
      fitting.length === 0
        ? "none of the weights given fits the model"
        : `${fitting.length} of the model's ${wanted.length} weights are among those given`,
    path: PATH,
    received: [...absent, ...shapes.slice(0, NAMED), `given: ${listed(weights.tensors.map(({ name }) => name))}`].join(
      "; ",
    ),
    expected: listed(wanted.map(({ name, shape }) => `${name} [${shape.join(", ")}]`)),
    fix:
      partial || fitting.length === 0
        ? "Say with `initialWeights: { rename: … }` how their names begin in this model, or begin without them."
        : "Write `initialWeights: { partial: true }` to begin the others anew, or rename those given.",
  };
}

/** With them every loss is infinite or none, and no learning rate helps. */
function notNumbers(names: readonly string[]): Diagnostic {
  return {
    code: "wrong-weights",
    severity: "error",
    message: `the weights given for ${listed(names)} hold values that are not finite`,
    path: PATH,
    expected: "numbers that float32 can hold",
    fix: "Take weights of a training that came to a good end.",
  };
}

function quoted(name: string): string {
  return `\`${shorten(name)}\``;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => shorten(name));
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Weights that are among those given, but not in the shape of the model's. */
export function beginsAnew(names: readonly string[]): Diagnostic {
  return {
    code: "weights-begin-anew",
    severity: "warning",
    message: `${listed(names)} begin anew: those given are of another shape`,
    path: PATH,
    fix: "Nothing is to be done where that is meant.",
  };
}

/**
 * The weights of a model that is measured or drawn, by the model's names; diagnostics where not all of them are there, or
 * nothing says what they were trained for.
 */
export function completeWeights(
  wanted: Wanted,
  weights: Weights,
): Result<Readonly<Record<string, Float32Array>>, Diagnostic[]> {
  const taken = takeWeights(wanted, { weights, rename: {}, partial: false });
  if (taken.ok) return ok(taken.value.values);
  return err(
    taken.error.map(({ message, received }) => ({
      code: "wrong-weights",
      severity: "error",
      message: `the weights are not this model's: ${message}`,
      ...(received === undefined ? {} : { received }),
      fix: "Train the model, or wire the weights that belong to it.",
    })),
  );
}
