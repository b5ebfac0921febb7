import {
  type Model,
  type ModelGroup,
  type ModelNode,
  type ModelOutput,
  type Sampling,
  samplingOf,
  trainedOutputs,
} from "../../artifact/graph.js";
import { shortKind } from "../../base/own-kind.js";
import { formatNumber, formatShape } from "../format.js";
import { LETTERS } from "./box-text.js";
import { type Repeat, type Shortened, withoutRepeats } from "./repeats.js";

/** A model as it is drawn: boxes, in frames that may lie in others. */
export interface ModelGraph {
  readonly nodes: readonly GraphNode[];
  /** Each after the one that it lies in. */
  readonly frames: readonly Frame[];
}

export interface GraphNode {
  /** Decides what may stand beside what. */
  readonly key: string;
  /** Id of the innermost frame; empty outside of all. */
  readonly frame: string;
  readonly title: string;
  readonly shape: string;
  readonly detail: string;
  /** Numbers of the nodes that it takes its input from. */
  readonly from: readonly number[];
}

export interface Frame {
  /** Equal for what stands at the same place of two models. */
  readonly id: string;
  readonly label: string;
  /** `×3`, or empty. */
  readonly times: string;
  /** Id of the frame that it lies in; empty outside of all. */
  readonly within: string;
  /** What it is in the model: `encoder`; empty for a piece without such a part. */
  readonly role: string;
}

export function modelGraph(model: Model): ModelGraph {
  const short = withoutRepeats(model);
  const { frames, frameOf } = framesOf(short);
  const nodes: GraphNode[] = [];
  const places = new Map<string, number>();
  const add = (name: string, node: GraphNode): void => void places.set(name, nodes.push(node) - 1);
  const several = model.inputs.length > 1;
  for (const { name, shape } of model.inputs) {
    const title = several ? `input ${name}` : "input";
    add(name, { key: title, frame: "", title, shape: formatShape(shape), detail: "", from: [] });
  }
  const sampling = samplingOf(model);
  for (const node of short.nodes) {
    const from = node.from.map((source) => places.get(short.standIn(source)) as number);
    const frame = frameOf(node.name);
    add(node.name, { ...layerNode(node, sampling, short.repeats.get(node.name)), frame, from, ...keyOf(node, frame) });
  }
  const trained = trainedOutputs(model);
  if (trained.length > 1) {
    for (const output of trained)
      add(`output ${output.name}`, outputNode(output, places.get(short.standIn(output.node))));
  }
  return { nodes, frames };
}

function keyOf(node: ModelNode, frame: string): Pick<GraphNode, "key"> {
  return { key: `${frame}/${node.kind}/${givenName(node)}` };
}

function outputNode({ name, shape, loss, weight }: ModelOutput, from: number | undefined): GraphNode {
  const [kind] = Object.keys(loss ?? {});
  const detail = [...(kind ? [kind] : []), ...(weight === undefined ? [] : [`weight ${weight}`])];
  const title = `output ${name}`;
  return {
    key: title,
    frame: "",
    title,
    shape: formatShape(shape),
    detail: detail.join(", "),
    from: from === undefined ? [] : [from],
  };
}

function layerNode(node: ModelNode, sampling: Sampling | null, repeat: Repeat | undefined) {
  const shape = formatShape(node.shape);
  if (node.name === sampling?.node.name) {
    const { noise, scale } = sampling;
    const sigma = scale === "exp" ? "exp(s)" : "exp(s/2)";
    return { title: "sample z", shape, detail: `m + ${sigma}·ε, ε of spread ${formatNumber(noise)}` };
  }
  const { activation } = node.params;
  const shown = typeof activation === "string" && activation !== "linear" ? activation : "";
  const name = givenName(node);
  const times = repeat ? ` ×${repeat.times}` : "";
  const facts = factsOf(node, repeat);
  if (name === "")
    return { title: `${joined([shortKind(node.kind), shown], " ")}${times}`, shape, detail: joined(facts, ", ") };
  const title = `${name}: ${shortKind(node.kind)}${times}`;
  if (title.length <= LETTERS) return { title, shape, detail: joined([shown, ...facts], ", ") };
  return {
    title: `${name}${times}`,
    shape,
    detail: joined([joined([shortKind(node.kind), shown], " "), ...facts], ", "),
  };
}

function factsOf({ parameters, sharedWith, trainable }: ModelNode, repeat: Repeat | undefined): readonly string[] {
  if (sharedWith !== undefined) return [`weights of ${sharedWith}`];
  if (parameters === 0) return [];
  const each = repeat === undefined ? "" : repeat.shared ? ", shared" : " each";
  return [`${formatNumber(parameters, "integer")} parameters${each}`, ...(trainable ? [] : ["frozen"])];
}

function joined(texts: readonly string[], between: string): string {
  return texts.filter((text) => text !== "").join(between);
}

/** What a layer that was not named is called after: its kind, what it is put in for, or the place in its part. */
const MADE_UP = /^(channels|picture)(_\d+)?$/;

/** The name that the user gave; empty for one that only numbers the layers of a kind. */
function givenName({ name, kind }: ModelNode): string {
  const last = name.split("/").at(-1) as string;
  const counted = last === kind || (last.startsWith(`${kind}_`) && /^\d+$/.test(last.slice(kind.length + 1)));
  return counted || MADE_UP.test(last) ? "" : last;
}

function framesOf({ groups, repeats }: Shortened) {
  // The larger ones outside; of equal ones that with a part in the model.
  const sorted = [...groups].sort(
    (a, b) => b.nodes.length - a.nodes.length || Number(b.role !== undefined) - Number(a.role !== undefined),
  );
  const frames: { readonly frame: Frame; readonly nodes: ReadonlySet<string> }[] = [];
  for (const group of sorted) {
    const outer = frames.findLast(({ nodes }) => group.nodes.every((name) => nodes.has(name)));
    // Groups that cross each other have no drawing.
    const crosses = frames.some(
      ({ nodes }) => group.nodes.some((name) => nodes.has(name)) && !group.nodes.every((name) => nodes.has(name)),
    );
    if (crosses) continue;
    const within = outer?.frame.id ?? "";
    const label = labelOf(group);
    const count = frames.filter(({ frame }) => frame.within === within && frame.label === label).length;
    const id = `${within}/${label}${count === 0 ? "" : `#${count + 1}`}`;
    const repeat = repeats.get(group.name);
    const times = repeat === undefined ? "" : `×${repeat.times}${repeat.shared ? ", shared" : ""}`;
    frames.push({ frame: { id, label, times, within, role: group.role ?? "" }, nodes: new Set(group.nodes) });
  }
  const frameOf = (name: string): string => frames.findLast(({ nodes }) => nodes.has(name))?.frame.id ?? "";
  return { frames: frames.map(({ frame }) => frame), frameOf };
}

function labelOf({ role, block, name }: ModelGroup): string {
  return role ?? block ?? (name.split("/").at(-1) as string);
}
