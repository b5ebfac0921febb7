import { type Diagnostic, type Location, SETTING } from "../base/diagnostic.js";
import type { OwnFamily } from "../base/own-kind.js";
import { shorten } from "../base/suggest.js";
import { locationOf, type Span } from "./source.js";

/** Whatever a file holds, what is said of it fits on a screen. */
const maxText = 300;

/** Blocks in blocks: so many of the places that lead to a complaint are named. */
const maxUses = 4;

/** The parts of a diagnostic besides code and message, with places as spans. */
export interface Details {
  readonly at?: Span | undefined;
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly fix?: string | undefined;
  readonly related?: readonly { readonly message: string; readonly at: Span }[];
}

/** A file that stands where the name of a kind may stand. */
export interface OwnReference {
  readonly family: OwnFamily;
  /** Absolute: paths begin at the YAML file in which they are written. */
  readonly file: string;
  /** As it is written. */
  readonly written: string;
  readonly at: Location;
}

/** Gathers all that is to be said about the input, so that it is said at once. */
export class Complaints {
  readonly #byText = new Map<string, Diagnostic>();
  readonly #closed = new Set<string>();
  /** Kinds of the project's own that are not known yet. */
  readonly missing: OwnReference[] = [];
  #errorCount = 0;
  #variant: Span | undefined;
  #uses: readonly Span[] = [];

  /**
   * What is said during `work` is about one of several variants: complaints about an argument, which is everybody's, then
   * name it.
   */
  within<T>(variant: Span | undefined, work: () => T): T {
    this.#variant = variant;
    const result = work();
    this.#variant = undefined;
    return result;
  }

  /** What is reported during `work` lies in a block: complaints name the places that use it, the innermost first. */
  inBlock<T>(uses: readonly Span[], work: () => T): T {
    const before = this.#uses;
    this.#uses = uses;
    try {
      return work();
    } finally {
      this.#uses = before;
    }
  }

  error(code: string, message: string, details: Details = {}): void {
    this.#errorCount++;
    this.#add("error", code, message, details);
  }

  warn(code: string, message: string, details: Details = {}): void {
    this.#add("warning", code, message, details);
  }

  /** A kind of the project's own is not known yet: what depends on it is left out, and all is checked again when it is. */
  miss(reference: OwnReference): void {
    this.#errorCount++;
    this.missing.push(reference);
  }

  /** All is said about this place: what is wrong with its value from now on is an echo. */
  close(at: Span): void {
    this.#closed.add(JSON.stringify(locationOf(at)));
  }

  /** Errors and warnings by file, line and column; those without a place first. */
  list(): Diagnostic[] {
    return [...this.#byText.values()].sort(byPlace);
  }

  /** How often an error was complained of, repetitions included: it grows whenever a check fails. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** Variants share files through `extends`: the same mistake in the same place is reported once. */
  #add(severity: Diagnostic["severity"], code: string, message: string, details: Details): void {
    const { at, related: given, ...texts } = details;
    const isSetting = at?.source.file === SETTING && this.#variant !== undefined;
    const more = [
      ...fewOf(this.#uses).map((use) => ({ message: "the block is used here", at: use })),
      ...(isSetting ? [{ message: "in this variant", at: this.#variant as Span }] : []),
    ];
    const related = more.length > 0 ? [...(given ?? []), ...more] : given;
    const diagnostic: Diagnostic = {
      code,
      severity,
      message: shorten(message, maxText),
      ...(at && { at: locationOf(at) }),
      ...Object.fromEntries(
        Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, shorten(text, maxText)]])),
      ),
      ...(related && { related: related.map((one) => ({ message: one.message, at: locationOf(one.at) })) }),
    };
    const key = JSON.stringify([code, message, diagnostic.at]);
    if (this.#closed.has(JSON.stringify(diagnostic.at))) return;
    if (!this.#byText.has(key)) this.#byText.set(key, diagnostic);
  }
}

/** The innermost, and the outermost, which is that in the model. */
function fewOf(uses: readonly Span[]): readonly Span[] {
  return uses.length <= maxUses ? uses : [...uses.slice(0, maxUses - 1), uses.at(-1) as Span];
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    compare(a.at?.file ?? "", b.at?.file ?? "") ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  );
}

/** By UTF-16 units: the same order on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
