/** What a process wrote before it died, and what follows from it about the cause. */

/** V8, C++ and the system each have their own way to say that they got no memory. */
const WANT_OF_MEMORY =
  /out of memory|heap limit|bad_alloc|allocation failed|cannot allocate|failed to allocate|ENOMEM/i;

const FATAL = /fatal|assert|terminate called|check failed|panicked|\w*Error\b/i;

/** Frames of a stack, headings of one, and V8's diary of collections, in which allocations fail as a matter of course. */
const NOISE = /^\s*(#?\d+:? |at |[-=#]{3,}|<---|\[\d+:0x|NODE_)|^\W*$/;

/**
 * Of two lines of standard error, the one that says more about a death: of memory before other fatal errors, these before
 * anything else, stacks never; among equals the later one.
 */
export function tellingLine(kept: string, line: string): string {
  const text = line.trim();
  if (NOISE.test(line)) return kept;
  return weight(text) >= weight(kept) ? text : kept;
}

function weight(line: string): number {
  if (WANT_OF_MEMORY.test(line)) return 2;
  return FATAL.test(line) ? 1 : 0;
}

/** Exit codes of Windows for what other systems report as a signal. */
const WINDOWS_CRASHES: ReadonlyMap<number, string> = new Map([
  [0xc0000005, "SIGSEGV"],
  [0xc000001d, "SIGILL"],
  [0xc00000fd, "SIGSEGV"],
  [0xc0000409, "SIGABRT"],
]);

const CRASHES: readonly string[] = ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"];

export type Death =
  | { readonly kind: "memory" | "killed"; readonly signal: string | null }
  | { readonly kind: "crash"; readonly signal: string }
  | { readonly kind: "exit"; readonly code: number | null }
  | { readonly kind: "signal"; readonly signal: string };

/**
 * How a process ended: `memory` where it said so itself, `killed` where the system did it without a word, as it does when
 * memory runs out; a crash is the fault of some native library.
 * @param code of its exit, null where a signal ended it.
 * @param words its most telling line, empty if none.
 */
export function deathOf(code: number | null, signal: string | null, words: string): Death {
  // A shell, or a Node that was asked to abort, reports a signal as 128 and its number.
  const crash = signal ?? (code === 134 ? "SIGABRT" : code === 139 ? "SIGSEGV" : WINDOWS_CRASHES.get(code ?? 0));
  if (crash === "SIGKILL") return { kind: "killed", signal: crash };
  if (crash !== undefined && CRASHES.includes(crash)) {
    return WANT_OF_MEMORY.test(words) ? { kind: "memory", signal: crash } : { kind: "crash", signal: crash };
  }
  return signal === null ? { kind: "exit", code } : { kind: "signal", signal };
}
