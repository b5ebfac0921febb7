import { digestJson } from "../base/digest.js";
import type { Experiment, Pipeline, Stage } from "../spec/types.js";
import type { StageLabel } from "../store/types.js";
import { type FileDigest, factsOf, ownCodeOf, paramsByContent, type StageCatalog } from "./fingerprint.js";
import type { PlanNode } from "./types.js";

/** Enough of a SHA-256 that two of a thousand stages collide once in 10⁸ plans; a collision is noticed, not used. */
const ID_LENGTH = 12;

/**
 * The stages of all variants as one graph: stages with the same kind, parameters, seed (where it matters) and
 * ancestors are one node. Two variants that differ in the model alone load their data once.
 *
 *     load ─ flatten ─ normalize ─┬─ build (64) ─ train ─ …
 *                                 └─ build (16) ─ train ─ …
 *
 * The order is that of the variants and their stages, in which every node follows its `after`.
 */
export function buildGraph(experiment: Experiment, catalog: StageCatalog, fileDigest: FileDigest): readonly PlanNode[] {
  const nodes = new Map<string, { readonly node: PlanNode; readonly content: string; readonly labels: StageLabel[] }>();
  for (const pipeline of experiment.variants) {
    const ids = new Map<string, string>();
    for (const stage of pipeline.stages) {
      const { inputs, after } = ancestors(stage, pipeline, ids);
      const facts = factsOf(stage.kind, catalog);
      const content = digestJson({
        kind: stage.kind,
        params: paramsByContent(stage, fileDigest),
        seed: facts.seeded ? pipeline.seed : null,
        inputs,
        after,
        ...(stage.given && { given: stage.given }),
      });
      const id = content.slice(0, ID_LENGTH);
      ids.set(stage.name, id);
      const label = { pipeline: pipeline.name, stage: stage.name };
      const known = nodes.get(id);
      if (known === undefined) {
        const labels = [label];
        const ownCode = ownCodeOf(stage, catalog);
        const about = { facts, ...(ownCode === undefined ? {} : { ownCode }) };
        nodes.set(id, { node: { id, stage, labels, seed: pipeline.seed, ...about, inputs, after }, content, labels });
      } else {
        if (known.content !== content) throw new Error(`two different stages have the short id ${id}`);
        known.labels.push(label);
      }
    }
  }
  return [...nodes.values()].map(({ node }) => node);
}

/** A stage's references, as ids. Whatever it refers to stands before it, so there can be no cycle. */
function ancestors(stage: Stage, pipeline: Pipeline, ids: ReadonlyMap<string, string>) {
  const idOf = (name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`${pipeline.name}: ${stage.name} comes before ${name}, which it needs`);
    return id;
  };
  const inputs = Object.fromEntries(
    Object.entries(stage.inputs).map(([input, { stage: maker, port }]) => [input, { node: idOf(maker), port }]),
  );
  // Sorted, because the order in which needs are written means nothing.
  const after = [...new Set([...Object.values(inputs).map(({ node }) => node), ...stage.needs.map(idOf)])].sort();
  return { inputs, after };
}

/** The nodes that make a stage of this name, and all that they follow. */
export function pruned(nodes: readonly PlanNode[], until: string): readonly PlanNode[] {
  const kept = new Set(nodes.filter((node) => node.labels.some(({ stage }) => stage === until)).map(({ id }) => id));
  for (const node of nodes.toReversed()) {
    if (kept.has(node.id)) for (const id of node.after) kept.add(id);
  }
  return nodes.filter(({ id }) => kept.has(id));
}
