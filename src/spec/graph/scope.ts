import { didYouMean, oneOf } from "../../base/suggest.js";
import type { Complaints } from "../complaints.js";
import type { LayerEntry } from "./entry.js";
import { at, inside, type Place } from "./place.js";

/** What an entry has become. */
export interface Made {
  /** The input or node that others take. */
  readonly result: string;
  /** None for an input. */
  readonly nodes: readonly string[];
  /** What it takes. */
  readonly from: readonly string[];
  /** The block it was made from, and its name in the model. */
  readonly block?: { readonly kind: string; readonly name: string };
}

interface Outside {
  /** Begins the names of nodes. */
  readonly prefix: string;
  /** Nodes that the user names have that name alone. */
  readonly plain: boolean;
  /** Name → node, of what the list takes from outside. */
  readonly inputs: ReadonlyMap<string, string | null>;
  readonly trainable: boolean;
  /** The blocks that the list stands in, the outermost first. */
  readonly chain: readonly string[];
}

/** One list of layers: the names in it, which no other list sees. */
export class Scope {
  readonly outside: Outside;
  readonly entries: readonly (LayerEntry | null)[];
  /** Null for what could not be made, after a complaint. */
  readonly #names: Map<string, Made | null>;
  readonly #reserved = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #complaints: Complaints;

  constructor(outside: Outside, entries: readonly (LayerEntry | null)[], complaints: Complaints) {
    this.outside = outside;
    this.entries = entries;
    this.#complaints = complaints;
    this.#names = new Map(
      [...outside.inputs].map(([name, node]) => [name, node === null ? null : { result: node, nodes: [], from: [] }]),
    );
    for (const entry of entries)
      for (const name of entry === null ? [] : namesOf(entry)) this.#reserved.add(this.full(name));
  }

  /** The name in the model of what is called so in this list. */
  full(name: string): string {
    return this.outside.plain ? name : `${this.outside.prefix}/${name}`;
  }

  /** A name for what has none: its kind, with a number from the second one on. */
  nextOf(kind: string, isTaken: (name: string) => boolean): string {
    const stem = stemOf(kind);
    for (let count = this.#counts.get(stem) ?? 0; ; count++) {
      const name = `${this.outside.prefix}/${stem}${count === 0 ? "" : `_${count}`}`;
      if (this.#reserved.has(name) || isTaken(name)) continue;
      this.#counts.set(stem, count + 1);
      return name;
    }
  }

  /** Notes what an entry has become; complains of a name that is there twice. */
  note(entry: LayerEntry, name: string, made: Made | null): void {
    if (!this.#names.has(name)) {
      this.#names.set(name, made);
      return;
    }
    const place = inside(entry.place, "name");
    at(place, this.#complaints).error("name-taken", `two entries are called \`${name}\``, {
      received: this.outside.inputs.has(name) ? `an input \`${name}\`, and this entry` : `another \`${name}\` above`,
      expected: "a name of its own for every entry",
      fix: "Give one of them another name.",
    });
  }

  /** Entries that take one with a complaint are not reported, too. */
  lose(name: string): void {
    if (!this.#names.has(name)) this.#names.set(name, null);
  }

  /** @returns undefined after a complaint, null where what is named could not be made. */
  find(name: string, place: Place, index = this.entries.length): Made | null | undefined {
    if (this.#names.has(name)) return this.#names.get(name);
    const below = this.entries.findIndex((entry, i) => i >= index && entry !== null && namesOf(entry).includes(name));
    if (below >= 0) this.#complainOfOrder(name, below, index, place);
    else {
      const known = [...this.#names.keys()];
      const own = this.outside.chain.at(-1);
      at(place, this.#complaints).error("unknown-node", `there is no layer \`${name}\` to take`, {
        received: name,
        expected: known.length > 0 ? oneOf(known) : "the name of an entry above",
        fix:
          didYouMean(name, known) ??
          `Give the entry that is meant \`name: …\`${own === undefined ? "" : `: the block \`${own}\` sees only its inputs and its own layers`}.`,
      });
    }
    return undefined;
  }

  #complainOfOrder(name: string, below: number, index: number, place: Place): void {
    const circle = this.#wayUp(below, index);
    const expected = "the name of an entry above, or of an input";
    if (circle === null) {
      at(place, this.#complaints).error("wrong-order", `\`${name}\` stands below what takes it`, {
        received: name,
        expected,
        fix: `Put \`${name}\` above this entry.`,
      });
      return;
    }
    at(place, this.#complaints).error("graph-cycle", "these layers take each other in a circle", {
      received: [index, ...circle].map((i) => labelOf(this.entries[i])).join(" → "),
      expected,
      fix: "Remove one of the `from`.",
    });
  }

  /** From an entry over what it takes to another one; null where no way leads there. */
  #wayUp(from: number, to: number): readonly number[] | null {
    const cameFrom = new Map([[from, from]]);
    const open = [from];
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      if (here === to) return wayOf(cameFrom, from, to);
      for (const next of this.#sources(here)) {
        if (next < 0 || cameFrom.has(next)) continue;
        cameFrom.set(next, here);
        open.push(next);
      }
    }
    return null;
  }

  #sources(index: number): readonly number[] {
    const names = this.entries[index]?.from;
    return names?.map((name) => this.entries.findIndex((other) => other?.name === name)) ?? [index - 1];
  }
}

function wayOf(cameFrom: ReadonlyMap<number, number>, from: number, to: number): readonly number[] {
  const way = [to];
  for (let here = to; here !== from; way.unshift(here)) here = cameFrom.get(here) as number;
  return way;
}

/** The names that others may call an entry by. */
function namesOf({ name, repeat = 0 }: LayerEntry): readonly string[] {
  return name === undefined ? [] : [name, ...Array.from({ length: repeat }, (_, i) => `${name}_${i + 1}`)];
}

function labelOf(entry: LayerEntry | null | undefined): string {
  if (!entry) return "?";
  return entry.name ?? ("kind" in entry.does ? entry.does.kind : entry.does.shared);
}

/** `./layers/my-layer.ts` → `my-layer`. */
function stemOf(kind: string): string {
  return kind.replace(/^.*\//, "").replace(/\.[a-z]+$/, "");
}
