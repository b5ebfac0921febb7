import type { ChartFigure } from "../artifact/types.js";
import { canonicalJson, type JsonObject } from "../base/json.js";
import { type Absent, type ChartDefinition, type Collected, isAbsent } from "./chart.js";
import { defaultCharts, withoutNaN } from "./collect.js";
import type { Gathered, Variant } from "./gather.js";
import { chartOfKind } from "./kinds.js";

/** One chart of the report, with what each variant, or each stage of it that has something to show, puts into it. */
export interface ChartEntries {
  readonly id: string;
  readonly chart: ChartDefinition;
  readonly options: JsonObject;
  /** The output that it shows; null for the whole model or its only output. */
  readonly output: string | null;
  readonly entries: readonly ChartEntry[];
}

export interface ChartEntry {
  readonly view: Variant;
  readonly data: Collected | Absent;
}

/** A figure of a variant, as seen from the stage that made it. */
interface Drawn {
  readonly view: Variant;
  readonly figure: ChartFigure;
}

/** The charts of all variants in order; of a run that made none, every kind that can be made from what there is. */
export function chartsOf(gathered: Gathered): readonly ChartEntries[] {
  const charts = new Map<string, { readonly first: Drawn; readonly drawn: Drawn[] }>();
  for (const [id, drawn] of gathered.variants.flatMap((variant) => identified(variant, gathered))) {
    const known = charts.get(id);
    if (known) known.drawn.push(drawn);
    else charts.set(id, { first: drawn, drawn: [drawn] });
  }
  const made = [...charts].flatMap(([id, { first, drawn }]) => {
    const chart = chartOfKind(first.figure.kind);
    // A figure of a kind that this version no longer has is passed over, not an error: old runs can be drawn again.
    if (chart === undefined) return [];
    const { options, output = null } = first.figure;
    return [{ id, chart, options, output, entries: entriesOf(chart, drawn, gathered) }];
  });
  if (charts.size > 0) return made;
  return defaultCharts().flatMap(({ kind, options }) => {
    const chart = chartOfKind(kind) as ChartDefinition;
    return chart.recover === undefined
      ? []
      : [{ id: kind, chart, options, output: null, entries: entriesOf(chart, [], gathered) }];
  });
}

/**
 * A variant's figures by the chart that they belong to. What two of its stages drew alike goes into one chart; where they
 * drew one kind with other options, that is a chart of its own.
 */
function identified(variant: Variant, gathered: Gathered): readonly (readonly [string, Drawn])[] {
  const taken = new Map<string, string>();
  return gathered
    .by("figures")
    .filter(({ input }) => input === variant.input)
    .flatMap((view) => {
      const own = new Set<string>();
      return view.figures.map((figure) => {
        const what = canonicalJson([figure.kind, figure.options, figure.output ?? null]);
        const free = (id: string) => !own.has(id) && (taken.get(id) ?? what) === what;
        let id = figure.id;
        for (let n = 2; !free(id); n++) id = `${figure.kind}-${n}`;
        own.add(id);
        taken.set(id, what);
        return [id, { view, figure }] as const;
      });
    });
}

/** In the order of the variants, and of each one's stages. */
function entriesOf(chart: ChartDefinition, drawn: readonly Drawn[], gathered: Gathered): readonly ChartEntry[] {
  const about = chart.about ?? "metrics";
  return gathered.variants.flatMap((variant) => {
    const subjects = gathered.by(about).filter(({ input }) => input === variant.input);
    const own = drawn
      .filter(({ view }) => view.input === variant.input)
      .map((each) => ({
        ...each,
        subject: subjects.find(({ stage }) => stage && stage === each.view.makers.get(about)),
      }));
    const entries = named(own, variant).map(({ view, figure }) => ({ view, data: dataOf(figure) }));
    const unseen = subjects.filter((subject) => subject.stage && own.every((each) => each.subject !== subject));
    const missing = own.length > 0 ? (chart.about ? unseen : []) : chart.about ? subjects : [variant];
    const recovered = missing.flatMap((view) => recoveredOf(chart, view));
    const place = ({ view }: ChartEntry) => subjects.findIndex(({ stage }) => stage === view.stage);
    return [...entries, ...recovered].sort((a, b) => place(a) - place(b));
  });
}

/** A figure, and the view of the stage whose artifacts it shows, where it is one stage. */
interface Attributed extends Drawn {
  readonly subject: Variant | undefined;
}

/**
 * Figures under the name of the stage that they show. Equal ones are kept once, under the variant's name if they show several
 * stages; different ones of one stage are distinguished by the stages that drew them.
 */
function named(own: readonly Attributed[], variant: Variant): readonly Drawn[] {
  const distinct =
    own.length < 2 ? own : [...new Map(own.map((one) => [canonicalJson(one.figure.data), one])).values()];
  const subjects = new Set(own.map(({ subject }) => subject));
  return distinct.map(({ view, figure, subject }) => {
    const alone = distinct.length === 1;
    const twice = distinct.filter((other) => other.subject === subject).length > 1;
    const by = alone ? (subjects.size === 1 && subject) || variant : subject === undefined || twice ? view : subject;
    return { figure, view: { ...view, look: by.look, stage: by.stage } };
  });
}

function dataOf({ data, images }: ChartFigure): ChartEntry["data"] {
  return data !== null && typeof data === "object" && "absent" in data
    ? { absent: String(data.absent) }
    : { data, images };
}

/** The chart from the artifacts of a stage. The pipeline did not request it, so that its absence needs no reason. */
function recoveredOf(chart: ChartDefinition, view: Variant): readonly ChartEntry[] {
  const recovered = chart.recover?.(view);
  if (recovered === undefined || isAbsent(recovered)) return [];
  return [{ view, data: { ...recovered, data: withoutNaN(recovered.data) } }];
}
