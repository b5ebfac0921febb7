import type { Block } from "../block.js";
import { counted, formatNumber, listed } from "../format.js";
import type { Interval } from "../math/stats.js";
import { choiceSentence } from "./choice.js";
import { bareText, type Comparison, difference, differenceText, type Facts, intervalText, valueText } from "./facts.js";
import { costsMore, reasons } from "./reasons.js";

/** The verdict as sentences, each of which follows from the numbers. */
export function verdict(comparison: Comparison | null): Block[] {
  if (comparison === null || comparison.ranked.length === 0) {
    return [{ type: "text", tone: "lead", text: "No variant has been measured, so there is nothing to compare yet." }];
  }
  return [...answer(comparison), ...onTrainingData(comparison)];
}

/** The variant that fits the training data best need not be the best at anything else. */
function onTrainingData({ split }: Comparison): Block[] {
  if (split !== "train") return [];
  const text = "There is no other split to measure on, so nothing here says how the models do on new data.";
  return [{ type: "notice", level: "warning", title: "Measured on the training data.", text }];
}

function answer(comparison: Comparison): Block[] {
  if (comparison.ranked.length === 1) return single(comparison, comparison.ranked[0] as Facts);
  const standing = standings(comparison);
  const recommendation = recommend(comparison, standing);
  return [
    { type: "text", tone: "lead", text: `${choiceSentence(comparison)}${leadSentence(comparison, standing)}` },
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
      text: `${choiceSentence(comparison)}${only.variant.look.name} has ${measure(comparison)} ${valueText(comparison, only.value)}${train}, trained once, with seed ${only.variant.input.seed}. ${rest}`,
    },
  ];
}

/** Which variants no sentence ranks, and why. */
function notCompared({ facts, split }: Comparison): string[] {
  const why = {
    loss: "by another loss",
    form: "by a loss with another form of the KL divergence, as noise or scale differ",
    data: `on other ${split} data`,
  };
  return (["loss", "form", "data"] as const).flatMap((apart) => {
    const names = facts.filter((each) => each.apart === apart).map((each) => each.variant.look.name);
    return names.length === 0 ? [] : [`Not compared: ${listed(names)}, measured ${why[apart]}.`];
  });
}

/** How every variant compares with the first. */
interface Standing {
  readonly leader: Facts;
  readonly runnerUp: Facts;
  /** Those right behind the leader whose difference from it may be chance, in rank order. */
  readonly tied: readonly Facts[];
  /** Those for which this holds too, though not for one before them: their results scatter more. */
  readonly unclear: readonly Facts[];
  /** All values of the tied and the leader are the same. */
  readonly equal: boolean;
}

function standings(comparison: Comparison): Standing {
  const [leader, ...others] = comparison.ranked as readonly [Facts, Facts, ...Facts[]];
  const differs = (other: Facts) => {
    const paired = difference(comparison, leader, other);
    return paired === null ? leader.value !== other.value : paired.distinguishable;
  };
  const first = others.findIndex(differs);
  const tied = first === -1 ? others : others.slice(0, first);
  return {
    leader,
    runnerUp: others[0] as Facts,
    tied,
    unclear: others.slice(tied.length).filter((other) => !differs(other)),
    equal: tied.length > 0 && tied.every((other) => other.value === leader.value),
  };
}

function leadSentence(comparison: Comparison, standing: Standing): string {
  const { leader, runnerUp, tied, unclear, equal } = standing;
  const [name, second] = [leader.variant.look.name, runnerUp.variant.look.name];
  const many = comparison.ranked.length;
  const against = `${measure(comparison)} ${valueText(comparison, leader.value)} against ${bareText(comparison, runnerUp.value)}`;
  if (equal && tied.length + 1 === many) {
    const who = many === 2 ? `${name} and ${second} are` : `All ${many} variants are`;
    return `${who} equal: ${measure(comparison)} ${valueText(comparison, leader.value)} for ${many === 2 ? "both" : "each"}.`;
  }
  const scattered =
    unclear.length === 0
      ? ""
      : ` That ${name} is better than ${namesOf(unclear)} too is not sure: item by item, the differences scatter more.`;
  if (tied.length > 0) {
    const who = namesOf([leader, ...tied]);
    const ahead = many === tied.length + 1 ? `${who} are` : `Of ${many} variants, ${who} are ahead but`;
    const which = tied.length === 1 ? "" : ` for the first two`;
    return `${ahead} not distinguishable: ${against}${which}${gap(comparison, leader, runnerUp)}.${scattered}`;
  }
  const rank =
    many === 2 ? `${name} is better than ${second}` : `${name} is the best of ${many} variants, ${second} comes next`;
  return `${rank}: ${against}${gap(comparison, leader, runnerUp)}.${scattered}${baselineSentence(comparison, standing)}`;
}

/** All of a few; of many the first, and how many more. */
function namesOf(facts: readonly Facts[]): string {
  const names = facts.map((each) => each.variant.look.name);
  return names.length <= 4 ? listed(names) : listed([...names.slice(0, 3), `${names.length - 3} others`]);
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
  const { baseline } = comparison;
  if (tied.length === 0) {
    const other = baseline !== null && baseline !== leader ? baseline : runnerUp;
    return take(comparison, leader, other, "");
  }
  const light = lightest([leader, ...tied]);
  const [smallest, second] = light as readonly [Facts, ...Facts[]];
  if (second === undefined) {
    const other = smallest === leader ? runnerUp : leader;
    return take(comparison, smallest, other, ", the smallest of those that do not differ significantly");
  }
  const ahead = light.find((one) => light.every((other) => other === one || speaksFor(comparison, one, other)));
  if (ahead !== undefined) {
    const other = light.find((each) => each !== ahead) as Facts;
    const among = light.length === tied.length + 1 ? "" : " the smallest of";
    return take(comparison, ahead, other, `, of${among} those that do not differ significantly`);
  }
  const names = namesOf(light);
  if (light.length > 2) return { sentence: `Recommendation: take any of ${names}; ${NOTHING}.`, reasons: [] };
  const { inFavour, against, level } = reasons(comparison, smallest, second);
  const points = [...inFavour, ...against, ...level];
  return points.length === 0
    ? { sentence: `Recommendation: take either of ${names}; ${NOTHING}.`, reasons: [] }
    : {
        sentence: `Recommendation: take either of ${names}. ${smallest.variant.look.name}, compared with ${second.variant.look.name}:`,
        reasons: points,
      };
}

const NOTHING = "nothing measured here speaks for one of them";

function take(comparison: Comparison, chosen: Facts, other: Facts, why: string): Recommendation {
  const { inFavour, against, level } = reasons(comparison, chosen, other);
  const doubts = against.map((reason) => `Against it: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`);
  if (doubts.length === 0 && inFavour.length > 0) doubts.push("Nothing measured here speaks against it.");
  const points = [...inFavour, ...level, ...doubts];
  const compared = points.length > 0 ? ` Compared with ${other.variant.look.name}:` : "";
  return { sentence: `Recommendation: take ${chosen.variant.look.name}${why}.${compared}`, reasons: points };
}

function speaksFor(comparison: Comparison, one: Facts, other: Facts): boolean {
  const { inFavour, against } = reasons(comparison, one, other);
  return inFavour.length > 0 && against.length === 0;
}

/** Those with the fewest parameters, in the order of the report; a few per cent more count as equal. All where a number is not known. */
function lightest(field: readonly Facts[]): readonly Facts[] {
  const sizes = field.map((each) => each.parameters);
  const smallest = sizes.includes(null) ? Number.POSITIVE_INFINITY : Math.min(...(sizes as number[]));
  return field
    .filter((each) => !costsMore(each.parameters ?? 0, smallest))
    .sort((a, b) => a.variant.look.index - b.variant.look.index);
}

function measure({ split, info }: Comparison): string {
  return `${split} ${info.label.toLowerCase()}`;
}

function mirrored({ low, high }: Interval): Interval {
  return { low: -high, high: -low };
}
