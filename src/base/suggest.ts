import leven from "leven";

/**
 * The candidates that may have been meant, the likeliest first, at most three. Case, `_` and `-` count for nothing:
 * `MaxPooling2D` finds `max_pooling2d`.
 */
export function suggest(word: string, candidates: Iterable<string>): readonly string[] {
  const plain = simplify(word);
  // Two letters swapped are two changes.
  const limit = plain.length < 4 ? 1 : Math.ceil(plain.length * 0.4);
  return [...candidates]
    .map((candidate) => ({ candidate, distance: distance(plain, simplify(candidate)) }))
    .filter((match) => match.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map((match) => match.candidate);
}

/** `Did you mean a, b or c?`, or undefined where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = suggest(word, candidates);
  return near.length === 0 ? undefined : `Did you mean ${orList(near)}?`;
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `one of a, b, c`; a single word stands alone. */
export function oneOf(words: readonly string[]): string {
  return words.length === 1 ? (words[0] as string) : `one of ${words.join(", ")}`;
}

/** `a layer`, `an optimizer`; nothing before what counts several. */
export function withArticle(noun: string): string {
  if (noun.endsWith("s") && !noun.endsWith("ss")) return noun;
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** Long texts are cut for messages. */
export function shorten(text: string, limit = 60): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

function simplify(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** Levenshtein's, but a part is near: `dec` may well be meant as `decoder`, `crossentropy` as one of its kinds. */
function distance(word: string, candidate: string): number {
  if (word === candidate) return 0;
  if (word.length >= 3 && candidate.startsWith(word)) return 1;
  if (word.length >= 5 && candidate.includes(word)) return 1;
  // Comparing long texts costs their product, and nothing that long is a slip of the finger.
  if (word.length > 64) return Number.POSITIVE_INFINITY;
  return leven(word, candidate);
}
