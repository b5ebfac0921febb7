import type { PortRef, StageFacts } from "../base/ports.js";
import { didYouMean, oneOf, orList, withArticle } from "../base/suggest.js";
import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import type { RawStage, WrittenWire } from "./skeleton.js";
import type { Span } from "./source.js";

/** The stages of a pipeline, and which comes before which. */
export interface Graph {
  readonly stages: ReadonlyMap<string, RawStage>;
  /** What each needs, as written or the one above: the way on which inputs are looked for. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** What comes before each, what its `inputs` name included. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** Every stage that was written is among them, so that what is missing can be told. */
  readonly complete: boolean;
  /** Where inputs of stages before come from. */
  readonly linked: ReadonlyMap<string, Readonly<Record<string, PortRef>>>;
  readonly catalog: Catalog;
}

/** What a stage's `inputs` say, by port: the output meant, or null after a complaint about it. */
export type WrittenInputs = ReadonlyMap<string, PortRef | null>;

/** Looks up what a stage's `inputs` name. */
export function writtenInputs(
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): WrittenInputs {
  const inputs = new Map<string, PortRef | null>();
  for (const wire of stage.wires) {
    if (!wirable(stage.facts).includes(wire.port)) complainOfPort(stage, wire, complaints);
    else inputs.set(wire.port, outputNamed(wire, stage, stages, complaints));
  }
  return inputs;
}

/** Where each input of a stage comes from: what its `inputs` say, else the nearest stage above that makes its type. */
export function wireStage(
  stage: RawStage,
  written: WrittenInputs,
  graph: Graph,
  complaints: Complaints,
): Readonly<Record<string, PortRef>> {
  const inputs: Record<string, PortRef> = {};
  for (const port of wirable(stage.facts)) {
    const foreign = stage.facts.inputs[port]?.foreign;
    const named = written.get(port);
    const from = named === undefined ? nearest(port, stage, inputs, graph, complaints) : named;
    if (from === null) continue;
    const maker = graph.stages.get(from.stage) as RawStage;
    if (named && !foreign && !belongs(maker, port, stage, inputs, graph)) {
      complainOfForeign(port, stage, inputs, graph, complaints);
    } else inputs[port] = from;
  }
  return inputs;
}

function complainOfPort({ name, kind, facts }: RawStage, { port, key }: WrittenWire, complaints: Complaints): void {
  const ports = wirable(facts);
  complaints.error("unknown-port", `\`${name}\` has no input \`${port}\``, {
    at: key,
    expected: ports.length > 0 ? oneOf(ports) : `no inputs: a ${kind} stage takes none`,
    fix: didYouMean(port, ports) ?? (ports.length > 0 ? "Name one of these." : "Remove it."),
  });
}

/** The output that an input names; null after a complaint. */
function outputNamed(
  wire: WrittenWire,
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): PortRef | null {
  const { port, at, output } = wire;
  const maker = stages.get(wire.stage);
  if (maker === undefined) {
    complainOfStage({ name: wire.stage, at }, "to take it from", stage, stages, complaints);
    return null;
  }
  const type = typeOf(stage, port);
  const outputs = maker.facts.outputs;
  if (output === undefined) return onlyOutput(wire, maker, type, complaints);
  const fitting = outputsOf(maker, type);
  const choice = fitting.length > 0 ? fitting.map((name) => `${maker.name}.${name}`) : null;
  const fix = choice ? `Write \`${port}: ${choice[0]}\`.` : `Name a stage that makes ${withArticle(type)}.`;
  const found = Object.hasOwn(outputs, output) ? outputs[output] : undefined;
  if (found === type) return { stage: maker.name, port: output };
  if (found === undefined) {
    complaints.error("unknown-port", `\`${maker.name}\` has no output \`${output}\``, {
      at,
      expected: oneOf(Object.keys(outputs)),
      fix: didYouMean(output, Object.keys(outputs)) ?? fix,
    });
  } else {
    complaints.error("wrong-port", `\`${port}\` of \`${stage.name}\` takes ${withArticle(type)}`, {
      at,
      received: `\`${maker.name}.${output}\`, which is ${withArticle(found)}`,
      expected: choice ? oneOf(choice) : `${withArticle(type)}, which \`${maker.name}\` does not make`,
      fix,
    });
  }
  return null;
}

function onlyOutput({ port, at }: WrittenWire, maker: RawStage, type: string, complaints: Complaints): PortRef | null {
  const fitting = outputsOf(maker, type);
  const output = chosenOutput(fitting, port);
  if (output !== undefined) return { stage: maker.name, port: output };
  if (fitting.length === 0) {
    complaints.error("wrong-port", `\`${maker.name}\` makes no ${type}`, {
      at,
      expected: `a stage that makes ${withArticle(type)}`,
      received: `\`${maker.name}\`, which makes ${orList(Object.keys(maker.facts.outputs))}`,
      fix: `Name a stage that makes ${withArticle(type)}.`,
    });
  } else {
    const choice = fitting.map((name) => `${maker.name}.${name}`);
    complaints.error("ambiguous-input", `\`${maker.name}\` has ${fitting.length} outputs that are ${type}`, {
      at,
      expected: oneOf(choice),
      fix: `Write \`${port}: ${choice[0]}\`.`,
    });
  }
  return null;
}

/** A stage names another one that is not there. */
export function complainOfStage(
  { name, at }: { readonly name: string; readonly at: Span },
  purpose: string,
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): void {
  const others = [...stages.keys()].filter((other) => other !== stage.name);
  complaints.error("unknown-stage", `there is no stage \`${name}\` ${purpose}`, {
    at,
    expected: others.length > 0 ? oneOf(others) : "a stage of this pipeline",
    fix: didYouMean(name, others) ?? "Name a stage of this pipeline.",
  });
}

/** The output of the nearest stage above that makes what a port takes; null where there is none, or after a complaint. */
function nearest(
  port: string,
  stage: RawStage,
  inputs: Readonly<Record<string, PortRef>>,
  graph: Graph,
  complaints: Complaints,
): PortRef | null {
  const type = typeOf(stage, port);
  const makers = nearestMakers(
    stage.name,
    (above) => makes(above.facts, type) && belongs(above, port, stage, inputs, graph),
    graph,
  );
  const [maker] = makers;
  if (maker === undefined) {
    const [foreign] = nearestMakers(stage.name, (above) => makes(above.facts, type), graph);
    const { optional, foreign: takesForeign } = stage.facts.inputs[port] ?? {};
    if (foreign !== undefined && takesForeign) warnOfForeign(port, stage, foreign, complaints);
    else if (!optional && foreign !== undefined) complainOfForeign(port, stage, inputs, graph, complaints);
    else if (!optional && graph.complete) complainOfMissing(stage, type, graph, complaints);
    return null;
  }
  const fitting = outputsOf(maker, type);
  const output = makers.length === 1 ? chosenOutput(fitting, port) : undefined;
  if (output !== undefined) return { stage: maker.name, port: output };
  const choice = makers.flatMap((one) => outputsOf(one, type).map((name) => `${one.name}.${name}`));
  const several = makers.length > 1 ? `${makers.length} stages` : `${fitting.length} outputs of \`${maker.name}\``;
  complaints.error("ambiguous-input", `\`${stage.name}\` could take its ${port} from ${several}`, {
    at: stage.key,
    received: choice.join(" and "),
    expected: "one of these",
    fix: `Say which: \`inputs: { ${port}: ${choice[0]} }\`.`,
  });
  return null;
}

/** The one output, or the one that is called like the input. */
function chosenOutput(outputs: readonly string[], port: string): string | undefined {
  return outputs.length === 1 ? outputs[0] : outputs.find((name) => name === port);
}

/**
 * Whether what a stage makes for an input belongs to what another input of that one takes: weights to the model, the
 * history to the weights. It does where its maker took or made the very same, or knows no such thing.
 */
function belongs(
  maker: RawStage,
  port: string,
  { facts }: RawStage,
  inputs: Readonly<Record<string, PortRef>>,
  graph: Graph,
): boolean {
  const owner = facts.inputs[port]?.of;
  const wanted = owner === undefined ? undefined : inputs[owner];
  if (owner === undefined || wanted === undefined) return true;
  const type = facts.inputs[owner]?.type ?? owner;
  if (makes(maker.facts, type)) return maker.name === wanted.stage;
  if (!takes(maker.facts, type)) return true;
  return Object.entries(graph.linked.get(maker.name) ?? {}).some(
    ([input, from]) =>
      maker.facts.inputs[input]?.type === type && from.stage === wanted.stage && from.port === wanted.port,
  );
}

function complainOfForeign(
  port: string,
  stage: RawStage,
  inputs: Readonly<Record<string, PortRef>>,
  graph: Graph,
  complaints: Complaints,
): void {
  const owner = stage.facts.inputs[port]?.of ?? "";
  const { stage: from = "" } = inputs[owner] ?? {};
  const type = typeOf(stage, port);
  const wire = stage.wires.find((one) => one.port === port);
  const fitting = [...graph.stages.values()].find(
    (other) =>
      makes(other.facts, type) && isAbove(other.name, stage.name, graph) && belongs(other, port, stage, inputs, graph),
  );
  complaints.error("wrong-port", `\`${port}\` of \`${stage.name}\` must belong to its ${owner}, that of \`${from}\``, {
    at: wire?.at ?? stage.key,
    received: `${type} of another ${owner}`,
    fix: fitting
      ? `Write \`${port}: ${fitting.name}\` in its \`inputs\`, or name the other ${owner} there.`
      : `Put a stage above it that makes ${type} of this ${owner}, or name another ${owner} in its \`inputs\`.`,
  });
}

/** Weights of another model are taken only where that is said. */
function warnOfForeign(port: string, stage: RawStage, foreign: RawStage, complaints: Complaints): void {
  const owner = stage.facts.inputs[port]?.of ?? "";
  complaints.warn("input-not-taken", `\`${stage.name}\` does not take the ${port} of \`${foreign.name}\``, {
    at: stage.key,
    received: `${port} of another ${owner}`,
    fix: `Write \`inputs: { ${port}: ${foreign.name} }\` to take what fits, or \`needs\` to stand apart from \`${foreign.name}\`.`,
  });
}

/**
 * Data, models and weights that nothing takes, because a stage below makes others. What was measured or drawn counts
 * for itself.
 */
export function warnOfHidden(graph: Graph, complaints: Complaints): void {
  const stages = [...graph.stages.values()];
  const wires = [...graph.linked.values()].flatMap((inputs) => Object.values(inputs));
  const needed = new Set(
    graph.catalog.names("stages").flatMap((kind) => {
      const inputs = Object.values(graph.catalog.get("stages", kind)?.about.inputs ?? {});
      return inputs.flatMap(({ type, optional }) => (optional ? [] : [type]));
    }),
  );
  for (const stage of stages) {
    for (const [port, type] of Object.entries(stage.facts.outputs)) {
      if (!needed.has(type) || wires.some((from) => from.stage === stage.name && from.port === port)) continue;
      const below = stages.find((other) => makes(other.facts, type) && isAbove(stage.name, other.name, graph));
      // That it begins with other weights was reported.
      const said = below && Object.values(below.facts.inputs).some((input) => input.foreign && input.type === type);
      if (below === undefined || said) continue;
      complaints.warn("hidden-output", `nothing takes the ${type} of \`${stage.name}\``, {
        at: stage.key,
        received: `\`${below.name}\` below it makes another, which is nearer to what follows`,
        fix: `Take it by name, \`inputs: { ${port}: ${stage.name}.${port} }\`, or remove \`${stage.name}\`.`,
      });
    }
  }
}

function complainOfMissing(stage: RawStage, type: string, graph: Graph, complaints: Complaints): void {
  // `flatten` makes a dataset too, but only from another one.
  const kinds = graph.catalog.names("stages").filter((kind) => {
    const facts = graph.catalog.get("stages", kind)?.about;
    return facts !== undefined && makes(facts, type) && !takes(facts, type);
  });
  const present = [...graph.stages.values()].find((other) => kinds.includes(other.kind) && other.name !== stage.name);
  const fix = present
    ? `Put \`${present.name}\` before it, or name it in its \`needs\`.`
    : `Put a ${orList(kinds)} stage before it.`;
  complaints.error("missing-input", `\`${stage.name}\` needs ${withArticle(type)}, which no stage above makes`, {
    at: stage.key,
    expected: `a stage above that makes the ${type}`,
    fix,
  });
}

/** The makers that one meets first on every way up, without those that stand above another of them. */
function nearestMakers(name: string, fits: (stage: RawStage) => boolean, graph: Graph): readonly RawStage[] {
  const found = new Set<RawStage>();
  const seen = new Set<string>();
  const climb = (from: string) => {
    for (const need of graph.needs.get(from) ?? []) {
      if (seen.has(need)) continue;
      seen.add(need);
      const above = graph.stages.get(need);
      if (above && fits(above)) found.add(above);
      else climb(need);
    }
  };
  climb(name);
  return [...found].filter(
    (maker) => ![...found].some((other) => other !== maker && isAbove(maker.name, other.name, graph)),
  );
}

function isAbove(upper: string, lower: string, graph: Graph): boolean {
  const seen = new Set<string>();
  const climb = (from: string): boolean =>
    (graph.before.get(from) ?? []).some((need) => {
      if (need === upper) return true;
      if (seen.has(need)) return false;
      seen.add(need);
      return climb(need);
    });
  return climb(lower);
}

/** The kind of artifact that an input takes. */
function typeOf(stage: RawStage, port: string): string {
  return stage.facts.inputs[port]?.type ?? port;
}

function outputsOf(stage: RawStage, type: string): readonly string[] {
  return Object.entries(stage.facts.outputs).flatMap(([port, made]) => (made === type ? [port] : []));
}

function makes({ outputs }: StageFacts, type: string): boolean {
  return Object.values(outputs).includes(type);
}

function takes({ inputs }: StageFacts, type: string): boolean {
  return Object.values(inputs).some((port) => port.type === type && !port.outside);
}

/** Inputs that other stages fill. */
function wirable({ inputs }: StageFacts): readonly string[] {
  return Object.entries(inputs).flatMap(([port, { outside }]) => (outside ? [] : [port]));
}
