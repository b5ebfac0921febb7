/**
 * Formulas over the elements of a layer's inputs, `2 * a + tanh(b) ^ 2`, read into a tree; nothing is run as code.
 *
 *     sum     = product { ("+" | "-") product }
 *     product = signed { ("*" | "/") signed }
 *     signed  = "-" signed | power
 *     power   = atom [ ("^" | "**") signed ]
 *     atom    = number | input | "pi" | function "(" sum { "," sum } ")" | "(" sum ")"
 */
import { err, ok, type Result } from "../../layer.js";

export type Formula =
  | { readonly number: number }
  | { readonly input: number }
  | { readonly call: string; readonly on: readonly Formula[] };

/** Where and why a text is no formula. */
export interface Mistake {
  /** From 1. */
  readonly at: number;
  readonly found: string;
  readonly expected: string;
}

/** How many arguments each function takes. */
const FUNCTIONS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "abs cos erf exp log relu sigmoid sign sin softplus sqrt square tanh".split(" ").map((name) => [name, 1]),
  ),
  min: 2,
  max: 2,
};

/** Names of the inputs in their order; a single one may be called `x`. */
export function inputNames(count: number): readonly string[] {
  return Array.from("abcdefghij").slice(0, count);
}

export function parseFormula(text: string, inputs: number): Result<Formula, Mistake> {
  try {
    const parser = new Parser(text, inputs);
    const formula = parser.sum();
    parser.end();
    return ok(formula);
  } catch (error) {
    if (error instanceof Wrong) return err(error.mistake);
    throw error;
  }
}

/** The numbers of the inputs that a formula uses. */
export function inputsIn(formula: Formula): ReadonlySet<number> {
  if ("input" in formula) return new Set([formula.input]);
  return new Set("on" in formula ? formula.on.flatMap((part) => [...inputsIn(part)]) : []);
}

class Wrong extends Error {
  readonly mistake: Mistake;
  constructor(mistake: Mistake) {
    super(mistake.expected);
    this.mistake = mistake;
  }
}

interface Token {
  readonly text: string;
  readonly at: number;
}

const TOKEN = /\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|\*\*|\S)/gy;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #inputs: ReadonlyMap<string, number>;
  #next = 0;

  constructor(text: string, inputs: number) {
    this.#tokens = [...text.matchAll(TOKEN)].map(({ index, 0: all, 1: token = "" }) => ({
      text: token,
      at: index + all.length - token.length + 1,
    }));
    this.#inputs = new Map([...inputNames(inputs).entries()].map(([i, name]) => [name, i]));
    if (inputs === 1) this.#inputs = new Map([...this.#inputs, ["x", 0]]);
  }

  sum(): Formula {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/"], () => this.#signed()));
  }

  end(): void {
    if (this.#peek() !== undefined) this.#fail("an operator, or the end");
  }

  #chain(operators: readonly string[], part: () => Formula): Formula {
    let left = part();
    for (let operator = this.#take(operators); operator !== undefined; operator = this.#take(operators)) {
      left = { call: operator, on: [left, part()] };
    }
    return left;
  }

  #signed(): Formula {
    if (this.#take(["-"]) === undefined) return this.#power();
    const on = this.#signed();
    return "number" in on ? { number: -on.number } : { call: "negative", on: [on] };
  }

  #power(): Formula {
    const base = this.#atom();
    return this.#take(["^", "**"]) === undefined ? base : { call: "^", on: [base, this.#signed()] };
  }

  #atom(): Formula {
    if (this.#take(["("]) !== undefined) return this.#closed(this.sum());
    const token = this.#peek();
    if (token !== undefined && /^[.\d]/.test(token) && Number.isFinite(Number(token))) {
      this.#next++;
      return { number: Number(token) };
    }
    if (token !== undefined && Object.hasOwn(FUNCTIONS, token)) return this.#call(token);
    const input = this.#inputs.get(token ?? "");
    if (input === undefined && token !== "pi") {
      const named = [...this.#inputs.keys(), "pi", ...Object.keys(FUNCTIONS).map((name) => `${name}(…)`)];
      this.#fail(`a number, a parenthesis or one of ${named.join(", ")}`);
    }
    this.#next++;
    return input === undefined ? { number: Math.PI } : { input };
  }

  #call(name: string): Formula {
    this.#next++;
    if (this.#take(["("]) === undefined) this.#fail(`( after ${name}`);
    const on = [this.sum()];
    while (on.length < (FUNCTIONS[name] as number)) {
      if (this.#take([","]) === undefined) this.#fail(`, since ${name} takes ${FUNCTIONS[name]} values`);
      on.push(this.sum());
    }
    return this.#closed({ call: name, on });
  }

  #closed(formula: Formula): Formula {
    if (this.#take([")"]) === undefined) this.#fail("an operator, or )");
    return formula;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  #take(texts: readonly string[]): string | undefined {
    const token = this.#peek();
    if (token === undefined || !texts.includes(token)) return undefined;
    this.#next++;
    return token;
  }

  #fail(expected: string): never {
    const last = this.#tokens.at(-1) ?? { text: "", at: 1 };
    const { text, at } = this.#tokens[this.#next] ?? { text: "the end", at: last.at + last.text.length };
    throw new Wrong({ at, found: text, expected });
  }
}
