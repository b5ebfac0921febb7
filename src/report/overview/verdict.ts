import type { Block } from "../block.js";
import { counted, formatNumber, listed } from "../format.js";
import type { Interval } from "../math/stats.js";
import { bareText, type Comparison, difference, differenceText, type Facts, intervalText, valueText } from "./facts.js";
import { reasons } from "./reasons.js";

/** The verdict in words. Every sentence is made from the numbers at hand; nothing is said that they do not say. */
export function verdict(comparison: Comparison | null): Block[] {
  if (comparison === null || comparison.ranked.length === 0) {
    return [{ type: "text", tone: "lead", text: "No variant has been measured, so there is nothing to compare yet." }];
  }
  if (comparison.ranked.length === 1) return single(comparison, comparison.ranked[0] as Facts);
  const standing = standings(comparison);
  const recommendation = recommend(comparison, standing);
  return [
    { type: "text", tone: "lead", text: leadSentence(comparison, standing) },
    { type: "text", tone: "note", text: [...notCompared(comparison), seedNote(comparison)].join(" ") },
    { type: "text", text: recommendation.sentence },
    ...(recommendation.reasons.length > 0 ? [{ type: "list", items: recommendation.reasons } as const] : []),
  ];
}

function single(comparison: Comparison, only: Facts): Block[] {
  const missing = comparison.facts
    .filter((each) => each !== only && each.apart === null)
    .map((each) => each.variant.look.name);
  const train = only.train === null ? "" : ` (${valueText(comparison, only.train)} on the training data)`;
  const rest = [
    ...notCompared(comparison),
    ...(missing.length > 0
      ? [`${listed(missing)} ${missing.length === 1 ? "has" : "have"} no result to compare it with.`]
      : []),
    ...(comparison.facts.length === 1 ? ["With one variant there is nothing to compare it with."] : []),
  ].join(" ");
  return [
    {
      type: "text",
      tone: "lead",
      text: `${only.variant.look.name} has ${measure(comparison)} ${valueText(comparison, only.value)}${train}. ${rest}`,
    },
  ];
}

/** Which variants no sentence ranks, and why. */
function notCompared({ facts, split }: Comparison): string[] {
  const why = { loss: "by another loss", data: `on other ${split} data` };
  return (["loss", "data"] as const).flatMap((apart) => {
    const names = facts.filter((each) => each.apart === apart).map((each) => each.variant.look.name);
    return names.length === 0 ? [] : [`Not compared: ${listed(names)}, measured ${why[apart]}.`];
  });
}

/** Where everybody stands towards the first. */
export interface Standing {
  readonly leader: Facts;
  readonly runnerUp: Facts;
  /** Those that cannot be told from the leader, in rank order. */
  readonly tied: readonly Facts[];
  /** All values of the tied and the leader are the same. */
  readonly equal: boolean;
  /** Every item was measured for leader and runner-up. */
  readonly paired: boolean;
}

export function standings(comparison: Comparison): Standing {
  const { ranked } = comparison;
  const leader = ranked[0] as Facts;
  const tied = ranked.slice(1).filter((other) => {
    const paired = difference(comparison, leader, other);
    return paired === null ? leader.value === other.value : !paired.distinguishable;
  });
  return {
    leader,
    runnerUp: ranked[1] as Facts,
    tied,
    equal: tied.length > 0 && tied.every((other) => other.value === leader.value),
    paired: difference(comparison, leader, ranked[1] as Facts) !== null,
  };
}

function leadSentence(comparison: Comparison, standing: Standing): string {
  const { leader, runnerUp, tied, equal } = standing;
  const [name, second] = [leader.variant.look.name, runnerUp.variant.look.name];
  const many = comparison.ranked.length;
  const against = `${measure(comparison)} ${valueText(comparison, leader.value)} against ${bareText(comparison, runnerUp.value)}`;
  if (equal && tied.length + 1 === many) {
    const who = many === 2 ? `${name} and ${second} are` : `All ${many} variants are`;
    return `${who} equal: ${measure(comparison)} ${valueText(comparison, leader.value)} for ${many === 2 ? "both" : "each"}.`;
  }
  if (tied.length > 0) {
    const names = [leader, ...tied].map((each) => each.variant.look.name);
    const who = names.length <= 4 ? listed(names) : `${listed(names.slice(0, 3))} and ${names.length - 3} others`;
    const lead = many === names.length ? who : `Of ${many} variants, ${who} are ahead but`;
    return `${lead}${many === names.length ? " are" : ""} not distinguishable: ${against}${gap(comparison, leader, runnerUp)}.`;
  }
  const rank =
    many === 2 ? `${name} is better than ${second}` : `${name} is the best of ${many} variants, ${second} comes next`;
  return `${rank}: ${against}${gap(comparison, leader, runnerUp)}.${baselineSentence(comparison, standing)}`;
}

/** `, 7.26 lower (95 % interval 7.02 to 7.50, …)`. */
function gap(comparison: Comparison, a: Facts, b: Facts): string {
  const delta = (a.value as number) - (b.value as number);
  const paired = difference(comparison, a, b);
  const words =
    delta === 0 ? "no difference" : `${differenceText(comparison, delta)} ${delta < 0 ? "lower" : "higher"}`;
  if (paired === null) return `, ${words} (per-item results are not at hand, so without an interval)`;
  const interval = delta < 0 ? mirrored(paired.interval) : paired.interval;
  const range = intervalText(comparison, interval);
  const test = comparison.metric === "accuracy" ? `; p = ${formatNumber(paired.p)} by McNemar's exact test` : "";
  return `, ${words} (95 % interval ${range}, paired over the same ${counted(paired.items, `${comparison.split} item`)}${test})`;
}

function baselineSentence(comparison: Comparison, { leader, runnerUp }: Standing): string {
  const { baseline } = comparison;
  if (baseline === null || baseline === leader || baseline === runnerUp) return "";
  return ` The baseline ${baseline.variant.look.name} has ${valueText(comparison, baseline.value)}${gap(comparison, leader, baseline).replace(/^, /, "; ")}.`;
}

/** What the interval does not cover. */
function seedNote(comparison: Comparison): string {
  const seeds = [...new Set(comparison.ranked.map((each) => each.variant.input.seed))];
  const which = seeds.length === 1 ? `with seed ${seeds[0]}` : `with seeds ${listed(seeds.map(String))}`;
  return `Each variant was trained once, ${which}. The interval covers the choice of ${comparison.split} items, not the luck of initial weights and batches.`;
}

interface Recommendation {
  readonly sentence: string;
  readonly reasons: readonly string[];
}

function recommend(comparison: Comparison, standing: Standing): Recommendation {
  const { leader, tied, runnerUp } = standing;
  const field = [leader, ...tied];
  const chosen = tied.length === 0 ? leader : cheapest(field);
  const name = chosen?.variant.look.name;
  if (chosen === null || chosen === undefined) {
    const names = field.length <= 4 ? listed(field.map((each) => each.variant.look.name)) : "any of them";
    return {
      sentence: `Recommendation: take either of ${names}; nothing measured here speaks for one of them.`,
      reasons: [],
    };
  }
  const other =
    chosen === leader
      ? comparison.baseline !== null && comparison.baseline !== leader
        ? comparison.baseline
        : runnerUp
      : leader;
  const { inFavour, against } = reasons(comparison, chosen, other);
  const why = tied.length > 0 ? ", the smallest of those that cannot be told apart" : "";
  const doubts = against.map((reason) => `Against it: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`);
  if (doubts.length === 0 && inFavour.length > 0) doubts.push("Nothing measured here speaks against it.");
  const compared = inFavour.length + doubts.length > 0 ? ` Compared with ${other.variant.look.name}:` : "";
  return { sentence: `Recommendation: take ${name}${why}.${compared}`, reasons: [...inFavour, ...doubts] };
}

/** The one with the fewest parameters; null where the first two have equally many or it is not known. */
function cheapest(field: readonly Facts[]): Facts | null {
  if (field.some((each) => each.parameters === null)) return null;
  const [first, second] = [...field].sort((a, b) => (a.parameters as number) - (b.parameters as number));
  return first && second && (first.parameters as number) < (second.parameters as number) ? first : null;
}

function measure({ split, info }: Comparison): string {
  return `${split} ${info.label.toLowerCase()}`;
}

function mirrored({ low, high }: Interval): Interval {
  return { low: -high, high: -low };
}
